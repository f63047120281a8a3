package org.stegokernels.bench.results;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Measurements of one benchmark with one set of parameters, iteration by iteration, from one or more runs.
 *
 * @param name class and method: {@code AttentionBenchmark.attention}; of peers from scripts {@code peers.} and theirs
 * @param params as JMH has them
 * @param millis time of one operation in each iteration
 * @param metrics what else was measured in each iteration, by label
 */
record Measurement(String name, Map<String, String> params, double[] millis, Map<String, double[]> metrics) {
    /** Begins the device of what was measured on another machine. */
    static final String ELSEWHERE = "GPU ";

    private static final String PRESSURE = "pressure";
    /** The pressure in percent, as the guard has it. */
    private static final double BUSY = 5;
    /** If fewer iterations than this were in peace, all count. */
    private static final int PEACEFUL = 2;

    /** Returns the iterations in which no other program took the processor; all, if there are hardly any. */
    Measurement inPeace() {
        double[] pressure = metrics.get(PRESSURE);
        if (pressure == null) {
            return this;
        }
        int[] chosen = IntStream.range(0, millis.length)
                .filter(i -> pressure[i] <= BUSY)
                .toArray();
        return chosen.length < PEACEFUL || chosen.length == millis.length ? this : only(chosen);
    }

    private Measurement only(int[] chosen) {
        Map<String, double[]> kept = new LinkedHashMap<>();
        metrics.forEach((label, values) -> kept.put(label, pick(values, chosen)));
        return new Measurement(name, params, pick(millis, chosen), kept);
    }

    private static double[] pick(double[] values, int[] chosen) {
        return Arrays.stream(chosen).mapToDouble(i -> values[i]).toArray();
    }

    /** Joins both runs' iterations; of the metrics, those that both have. */
    Measurement with(Measurement other) {
        Map<String, double[]> all = new LinkedHashMap<>();
        metrics.forEach((label, values) -> {
            if (other.metrics.containsKey(label)) {
                all.put(label, joined(values, other.metrics.get(label)));
            }
        });
        return new Measurement(name, params, joined(millis, other.millis), all);
    }

    private static double[] joined(double[] a, double[] b) {
        double[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    boolean isBusy() {
        return metrics.containsKey(PRESSURE) && median(metrics.get(PRESSURE)) > BUSY;
    }

    /** Returns the median time in milliseconds. */
    double median() {
        return median(millis);
    }

    boolean has(String label) {
        return metrics.containsKey(label);
    }

    /** Returns the median of a metric. */
    double median(String label) {
        return median(metrics.get(label));
    }

    /** Returns half of the range of the middle half, as a part of the median. */
    double spread() {
        double[] sorted = sorted(millis);
        int last = sorted.length - 1;
        return (sorted[3 * last / 4] - sorted[last / 4]) / 2 / median();
    }

    private static double median(double[] values) {
        double[] sorted = sorted(values);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    private static double[] sorted(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    /** Returns the device, {@code -} for a path that has none. */
    String device() {
        return params.getOrDefault("device", "-");
    }

    boolean isFromElsewhere() {
        return device().startsWith(ELSEWHERE);
    }

    /** Returns all other parameters in short. */
    String paramsText() {
        List<String> parts = new ArrayList<>();
        params.forEach((key, value) -> {
            if (!key.equals("device") && !value.isEmpty()) {
                parts.add(key + " " + value.substring(value.lastIndexOf('/') + 1));
            }
        });
        return parts.stream().collect(Collectors.joining(", "));
    }
}
