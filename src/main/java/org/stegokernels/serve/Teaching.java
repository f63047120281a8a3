package org.stegokernels.serve;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.stego.LinearProbe;
import org.stegokernels.stego.LinearProbe.Goal;
import org.stegokernels.stego.LinearProbe.Values;
import org.stegokernels.tensor.Tensor;

/**
 * Fits a linear probe to strokes of "this is X" and "this is not X". What is there is kept: the probe begins as the present
 * candidates, with an output more for what is new, and on a sample of all patches it is held to what it begins with.
 * Everything is deterministic.
 */
final class Teaching {
    /** Patches of the sample. */
    private static final int SAMPLE = 6000;
    /**
     * The logits of a code for its own cluster while the probe is fitted: so sharp, what is to be kept are decisions, while
     * probabilities as soft as those of clusters would be kept by many that decide otherwise.
     */
    private static final float SHARPNESS = 12;

    /** The weight of all strokes of one class together; the whole sample has 1. */
    private static final float STROKE_WEIGHT = 0.2f;

    /** Holds the probe to where it began. */
    private static final double RIDGE = 1e-3;
    /** A person waits. */
    private static final int STEPS = 60;

    private static final double LEAST = 1e-30;

    private final Device device;
    private final int channels;

    /**
     * A stroke: a person's word about some patches.
     *
     * @param classId of which class
     * @param is false for "this is not"
     * @param photograph that they are in, which may be gone
     * @param patches their numbers, row by row, [n]; not to be changed
     * @param codes {@code [n, C]}; not to be changed
     */
    record Stroke(int classId, boolean is, int photograph, int[] patches, float[] codes) {
        /** Returns it of another class. */
        Stroke of(int id) {
            return new Stroke(id, is, photograph, patches, codes);
        }
    }

    /** @param channels length of a code, C */
    Teaching(Device device, int channels) {
        this.device = device;
        this.channels = channels;
    }

    /**
     * Returns the linear probe that decides like some candidates.
     *
     * @param length that a code has on the average
     */
    static Values linear(Candidates candidates, float length) {
        return candidates.bias() == null
                ? new Values(
                        Candidates.unit(
                                candidates.weights().values(), candidates.channels(), candidates.alpha() / length),
                        new float[candidates.count()])
                : new Values(
                        candidates.weights().values().clone(),
                        candidates.bias().values().clone());
    }

    /** Returns the root of the mean square of the lengths of codes. */
    static float meanLength(float[] codes, int channels) {
        double squares = 0;
        for (float value : codes) {
            squares += (double) value * value;
        }
        return (float) Math.max(Math.sqrt(squares / Math.max(1, codes.length / channels)), LEAST);
    }

    /**
     * A probe that was taught.
     *
     * @param classOf the class of each output
     */
    record Taught(Values probe, int[] classOf) {}

    /**
     * Fits candidates to strokes. Patches that are decided otherwise than is said of them get outputs of their own.
     *
     * @param before the candidates as they are
     * @param classOf the class of each
     * @param sample {@code [n, C]}: codes of all photographs
     * @param strokes that the probe is to agree with
     */
    Taught teach(Candidates before, int[] classOf, float[] sample, List<Stroke> strokes) {
        float[] codes = thinned(sample, SAMPLE);
        float length = meanLength(codes, channels);
        Taught grown = grown(linear(before, length), classOf, strokes);
        float sharper = (float)
                Math.max(1, SHARPNESS / (length * meanLength(grown.probe().weights(), channels)));
        Values start = grown.probe().times(sharper);
        int outputs = start.outputs();
        int count = codes.length / channels;
        float[] targets = logits(codes, start);
        softmax(targets, outputs);
        float[] weights = new float[count + rows(strokes)];
        Arrays.fill(weights, 0, count, 1f / count);
        float[] all = Arrays.copyOf(codes, weights.length * channels);
        boolean[][] among = new boolean[weights.length - count][];
        int row = count;
        for (Stroke stroke : strokes) {
            int n = stroke.codes().length / channels;
            boolean[] possible = new boolean[outputs];
            for (int k = 0; k < outputs; k++) {
                possible[k] = stroke.is() == (grown.classOf()[k] == stroke.classId());
            }
            System.arraycopy(stroke.codes(), 0, all, row * channels, n * channels);
            Arrays.fill(among, row - count, row - count + n, possible);
            Arrays.fill(weights, row, row + n, STROKE_WEIGHT / rows(alike(strokes, stroke)));
            row += n;
        }
        Values fitted = LinearProbe.fit(device, new Goal(all, targets, among, weights), start, RIDGE, STEPS);
        return new Taught(fitted.times(1 / sharper), grown.classOf());
    }

    /**
     * Adds outputs for patches of strokes that are decided otherwise than the strokes say, in their mean direction and as
     * long as the others are: one of the class that they are said to be of, or of the class that comes next where they are
     * said not to be of their own.
     */
    private Taught grown(Values old, int[] classOf, List<Stroke> strokes) {
        Map<List<Object>, Misfits> misfits = new LinkedHashMap<>();
        for (Stroke stroke : strokes) {
            float[] logits = logits(stroke.codes(), old);
            float[] units = Candidates.unit(stroke.codes(), channels, 1);
            for (int i = 0; i < units.length / channels; i++) {
                int[] order = best(logits, i * old.outputs(), classOf, stroke.classId());
                boolean ofClass = order[0] == stroke.classId();
                if (stroke.is() != ofClass) {
                    misfits.computeIfAbsent(List.of(stroke.classId(), stroke.is()), key -> new Misfits(channels))
                            .add(units, i * channels, stroke.is() ? stroke.classId() : order[1]);
                }
            }
        }
        int outputs = old.outputs() + misfits.size();
        float[] weights = Arrays.copyOf(old.weights(), outputs * channels);
        int[] classes = Arrays.copyOf(classOf, outputs);
        float length = meanLength(old.weights(), channels);
        int k = old.outputs();
        for (Misfits each : misfits.values()) {
            System.arraycopy(Candidates.unit(each.sum, channels, length), 0, weights, k * channels, channels);
            classes[k++] = each.next();
        }
        return new Taught(new Values(weights, Arrays.copyOf(old.bias(), outputs)), classes);
    }

    /** Patches that are decided otherwise than strokes of one kind say. */
    private static final class Misfits {
        private final float[] sum;
        /** The number of patches that go to each class. */
        private final Map<Integer, Integer> votes = new TreeMap<>();

        Misfits(int channels) {
            sum = new float[channels];
        }

        void add(float[] units, int from, int classId) {
            for (int c = 0; c < sum.length; c++) {
                sum[c] += units[from + c];
            }
            votes.merge(classId, 1, Integer::sum);
        }

        /** Returns the class of most of them. */
        int next() {
            int most = votes.keySet().iterator().next();
            for (Map.Entry<Integer, Integer> each : votes.entrySet()) {
                most = each.getValue() > votes.get(most) ? each.getKey() : most;
            }
            return most;
        }
    }

    /** Returns the class of the most likely output, and that of the most likely one which is not of some class. */
    private static int[] best(float[] logits, int first, int[] classOf, int except) {
        int best = 0;
        int other = -1;
        for (int k = 0; k < classOf.length; k++) {
            best = logits[first + k] > logits[first + best] ? k : best;
            if (classOf[k] != except && (other < 0 || logits[first + k] > logits[first + other])) {
                other = k;
            }
        }
        return new int[] {classOf[best], other < 0 ? except : classOf[other]};
    }

    /**
     * Splits the outputs of one class into others, last in the order, and leaves all else.
     *
     * @param before outputs of a linear probe
     * @param split for each whether it is of the class
     * @param sample {@code [n, C]}: codes of all photographs
     * @param centres {@code [K', C]}, of length 1: in the midst of the parts
     */
    Values split(Candidates before, boolean[] split, float[] sample, float[] centres) {
        float[] codes = thinned(sample, SAMPLE);
        float length = meanLength(codes, channels);
        Values old = linear(before, length);
        int parts = centres.length / channels;
        int kept = 0;
        float[] weights = new float[(old.outputs() + parts) * channels];
        float[] bias = new float[old.outputs() + parts];
        float[] mean = new float[channels];
        double offset = 0;
        for (int k = 0; k < old.outputs(); k++) {
            if (split[k]) {
                offset += old.bias()[k];
                for (int c = 0; c < channels; c++) {
                    mean[c] += old.weights()[k * channels + c];
                }
            } else {
                System.arraycopy(old.weights(), k * channels, weights, kept * channels, channels);
                bias[kept++] = old.bias()[k];
            }
        }
        int outputs = kept + parts;
        float scale = meanLength(old.weights(), channels);
        for (int j = 0; j < parts; j++) {
            bias[kept + j] = (float) (offset / (old.outputs() - kept));
            for (int c = 0; c < channels; c++) {
                weights[(kept + j) * channels + c] =
                        mean[c] / (old.outputs() - kept) + scale * centres[j * channels + c];
            }
        }
        Values start = new Values(Arrays.copyOf(weights, outputs * channels), Arrays.copyOf(bias, outputs));
        float[] targets = splitTargets(codes, old, split, start, kept, centres);
        float[] rows = new float[codes.length / channels];
        Arrays.fill(rows, 1f / rows.length);
        return LinearProbe.fit(device, new Goal(codes, targets, new boolean[0][], rows), start, RIDGE, STEPS);
    }

    /** Gives the probability of the class to the nearest part in patches that are of the class; in others, to all as they begin. */
    private float[] splitTargets(float[] codes, Values old, boolean[] split, Values start, int kept, float[] centres) {
        float[] before = logits(codes, old);
        int[] own = best(before, old.outputs());
        softmax(before, old.outputs());
        int outputs = start.outputs();
        float[] targets = logits(codes, start);
        softmax(targets, outputs);
        int parts = outputs - kept;
        int[] nearest = best(logits(codes, new Values(centres, new float[parts])), parts);
        for (int i = 0; i < own.length; i++) {
            float mass = 0;
            int at = i * outputs;
            for (int k = 0; k < old.outputs(); k++) {
                float p = before[i * old.outputs() + k];
                if (split[k]) {
                    mass += p;
                } else {
                    targets[at++] = p;
                }
            }
            float sum = Float.MIN_NORMAL;
            for (int k = at; k < at + parts; k++) {
                sum += targets[k];
            }
            for (int j = 0; j < parts; j++) {
                boolean nearer = nearest[i] == j;
                targets[at + j] = split[own[i]] ? nearer ? mass : 0 : mass * targets[at + j] / sum;
            }
        }
        return targets;
    }

    private static List<Stroke> alike(List<Stroke> strokes, Stroke stroke) {
        return strokes.stream()
                .filter(each -> each.classId() == stroke.classId() && each.is() == stroke.is())
                .toList();
    }

    private int rows(List<Stroke> strokes) {
        return strokes.stream().mapToInt(stroke -> stroke.codes().length).sum() / channels;
    }

    /** Returns at most so many rows, evenly out of all. */
    private float[] thinned(float[] codes, int most) {
        int count = codes.length / channels;
        if (count <= most) {
            return codes;
        }
        float[] thinned = new float[most * channels];
        for (int i = 0; i < most; i++) {
            System.arraycopy(codes, (int) ((long) count * i / most) * channels, thinned, i * channels, channels);
        }
        return thinned;
    }

    /** Computes {@code codes W^T + b}. */
    private float[] logits(float[] codes, Values probe) {
        int count = codes.length / channels;
        try (Tensor in = device.upload(codes, count, channels);
                Tensor matrix = device.upload(probe.weights(), probe.outputs(), channels);
                Tensor bias = device.upload(probe.bias(), probe.outputs());
                LinearWeights packed = device.kernels().packLinear(matrix, bias);
                Tensor out = device.allocate(count, probe.outputs())) {
            device.kernels().linear(in, packed, Activation.NONE, null, out);
            return device.floats(out);
        }
    }

    private static int[] best(float[] rows, int outputs) {
        int[] best = new int[rows.length / outputs];
        for (int i = 0; i < best.length; i++) {
            for (int k = 1; k < outputs; k++) {
                best[i] = rows[i * outputs + k] > rows[i * outputs + best[i]] ? k : best[i];
            }
        }
        return best;
    }

    private static void softmax(float[] rows, int outputs) {
        for (int first = 0; first < rows.length; first += outputs) {
            float highest = Float.NEGATIVE_INFINITY;
            for (int k = first; k < first + outputs; k++) {
                highest = Math.max(highest, rows[k]);
            }
            double sum = 0;
            for (int k = first; k < first + outputs; k++) {
                rows[k] = (float) Math.exp(rows[k] - highest);
                sum += rows[k];
            }
            for (int k = first; k < first + outputs; k++) {
                rows[k] /= (float) sum;
            }
        }
    }
}
