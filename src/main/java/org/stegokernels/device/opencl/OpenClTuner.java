package org.stegokernels.device.opencl;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;

/**
 * Searches for the best tile sizes of an OpenCL device: one number after the other, each with its neighbours, timed on
 * the matrix product and the attention of a ViT-S/8 at 224 x 224. The result is kept in the user's cache folder, where
 * every later opening of the device finds it.
 */
public final class OpenClTuner {
    private static final int TOKENS = 785;
    private static final int WIDTH = 384;
    private static final int HEADS = 6;
    private static final int WARM_UP = 2;
    private static final int RUNS = 15;
    /** The share that an alternative must save to be taken: less may be chance. */
    private static final double WORTHWHILE = 0.97;

    private OpenClTuner() {}

    /**
     * The result of a search.
     *
     * @param file where it is kept
     * @param numbers the sizes by name; see {@code kernels/README.md}
     * @param before seconds of the two operations together with the values there were at the start
     * @param after the same with those found
     */
    public record Result(Path file, Map<String, Integer> numbers, double before, double after) {}

    /**
     * Tunes a device and keeps the result.
     *
     * @param id {@code opencl:0}; {@code opencl} for the first
     * @param log called with a line for each size that was tried
     * @throws org.stegokernels.device.DeviceException.NotFound if there is no such device
     * @throws org.stegokernels.device.DeviceException if the device fails
     * @throws IOException if the cache folder can't be written
     */
    public static Result tune(String id, Consumer<String> log) throws IOException {
        OpenClRuntime.Found found = OpenClRuntime.get().find(id);
        Limits limits = Limits.of(found.device());
        Race race = new Race(found, limits, Device.Options.DEFAULT, log);
        Tuning start = Tuning.of(limits);
        Tuning tuning = start;
        for (Map.Entry<String, int[]> choice : linearChoices(tuning).entrySet()) {
            tuning = race.best(tuning, choice.getKey(), choice.getValue(), "linear", OpenClTuner::linear);
        }
        for (Map.Entry<String, int[]> choice : attentionChoices(tuning).entrySet()) {
            tuning = race.best(tuning, choice.getKey(), choice.getValue(), "attention", OpenClTuner::attention);
        }
        if (tuning.matrix().there()) {
            tuning = matrixTiles(
                    tuning, new Race(found, limits, Device.Options.DEFAULT.withPrecision(Precision.FP16), log));
        }
        double[] linear = race.times(start, tuning, OpenClTuner::linear);
        double[] attention = race.times(start, tuning, OpenClTuner::attention);
        Path file = TuningFile.path(limits);
        TuningFile.store(file, tuning);
        return new Result(file, tuning.numbers(), linear[0] + attention[0], linear[1] + attention[1]);
    }

    /** Returns the same sizes with the best tiles for matrix units. */
    private static Tuning matrixTiles(Tuning start, Race race) {
        Tuning tuning = start;
        for (String name : List.of("warpsAcross", "warpColumns", "warpRows")) {
            tuning = race.best(tuning, name, new int[] {2, 4, 8}, "linear", OpenClTuner::linear);
        }
        for (String name : List.of("queryWarps", "warpQueries", "keySlices")) {
            tuning = race.best(tuning, name, new int[] {1, 2, 4}, "attention", OpenClTuner::attention);
        }
        return tuning;
    }

    private static Map<String, int[]> linearChoices(Tuning tuning) {
        Map<String, int[]> choices = new LinkedHashMap<>();
        if (tuning.tiled()) {
            choices.put("itemRows", new int[] {4, 8});
            choices.put("itemColumns", new int[] {4, 8});
            choices.put("depth", new int[] {8, 16, 32});
        } else {
            choices.put("columns", new int[] {tuning.v(), 2 * tuning.v(), 3 * tuning.v()});
            choices.put("rowsPerItem", new int[] {64, 128, 256, 512});
        }
        return choices;
    }

    private static Map<String, int[]> attentionChoices(Tuning tuning) {
        Map<String, int[]> choices = new LinkedHashMap<>();
        if (tuning.tiled()) {
            choices.put("itemKeys", new int[] {4, 8});
            choices.put("itemQueries", new int[] {4, 8});
            choices.put("queryItems", new int[] {8, 16});
            choices.put("keyItems", new int[] {8, 16});
        } else {
            choices.put("tileRows", new int[] {4, 8});
            choices.put("keysPerStep", new int[] {64, 128, 256});
        }
        return choices;
    }

    /**
     * Times two tunings by turns, so that whatever else the machine does meets both.
     *
     * @param options how devices are opened
     * @param log called with a line for each size that was tried
     */
    private record Race(OpenClRuntime.Found found, Limits limits, Device.Options options, Consumer<String> log) {
        Tuning best(Tuning start, String name, int[] values, String operation, Function<Device, Runnable> work) {
            Tuning best = start;
            for (int value : values) {
                if (value != start.numbers().get(name) && best.allows(name, value)) {
                    Tuning candidate = best.with(Map.of(name, value));
                    double[] times = times(best, candidate, work);
                    boolean better = times[1] < WORTHWHILE * times[0];
                    log.accept(line(operation, name, best.numbers().get(name), value, times));
                    best = better ? candidate : best;
                }
            }
            return best;
        }

        private static String line(String operation, String name, int before, int value, double[] times) {
            String time = Double.isInfinite(times[1])
                    ? "not possible"
                    : String.format(Locale.ROOT, "%.3f ms, with %d %.3f ms", 1e3 * times[1], before, 1e3 * times[0]);
            return String.format(Locale.ROOT, "%-10s %-12s %4d  %s", operation, name, value, time);
        }

        /**
         * Returns the shortest of some runs of each, in seconds; infinite for the second if the device refuses its
         * tiles.
         */
        double[] times(Tuning first, Tuning second, Function<Device, Runnable> work) {
            double[] best = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
            try (Device known = open(first);
                    Device other = open(second)) {
                Device[] devices = {known, other};
                Runnable[] operations = {work.apply(known), work.apply(other)};
                for (int run = 0; run < WARM_UP + RUNS; run++) {
                    for (int i = 0; i < operations.length; i++) {
                        long start = System.nanoTime();
                        operations[i].run();
                        devices[i].finish();
                        best[i] = run < WARM_UP ? best[i] : Math.min(best[i], (System.nanoTime() - start) * 1e-9);
                    }
                }
            } catch (DeviceException.OutOfMemory | DeviceException.KernelBuild e) {
                best[1] = Double.POSITIVE_INFINITY;
            }
            return best;
        }

        private Device open(Tuning tuning) {
            return new OpenClDevice(found, limits, tuning, options);
        }
    }

    private static Runnable linear(Device device) {
        Tensor x = activations(device, TOKENS, WIDTH);
        Tensor out = activations(device, TOKENS, 4 * WIDTH);
        LinearWeights weights = device.kernels().packLinear(device.allocate(4 * WIDTH, WIDTH), null);
        return () -> device.kernels().linear(x, weights, Activation.NONE, null, out);
    }

    private static Runnable attention(Device device) {
        Tensor qkv = activations(device, 1, TOKENS, 3 * WIDTH);
        Tensor out = activations(device, 1, TOKENS, WIDTH);
        return () -> device.kernels().attention(qkv, HEADS, out);
    }

    private static Tensor activations(Device device, int... dims) {
        return device.allocate(device.activationType(), Shape.of(dims));
    }
}
