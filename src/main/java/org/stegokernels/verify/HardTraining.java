package org.stegokernels.verify;

import static org.stegokernels.verify.Comparison.EXACT;
import static org.stegokernels.verify.Comparison.TRAINING;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels.AdamSettings;

/** Values and forms that the layers of training, its sampling and its neighbours get wrong. */
final class HardTraining {
    private HardTraining() {}

    static Map<String, Checks.Body> checks() {
        Map<String, Checks.Body> checks = new LinkedHashMap<>();
        checks.put("training.linear", HardTraining::linear);
        checks.put("linearGradient", HardTraining::linearGradient);
        checks.put("fill", HardTraining::fill);
        checks.put("addScaled", HardTraining::addScaled);
        checks.put("reluGradient", HardTraining::reluGradient);
        checks.put("scaleChannels", HardTraining::scaleChannels);
        checks.put("normalizeGradient", HardTraining::normalizeGradient);
        checks.put("softmaxGradient", HardTraining::softmaxGradient);
        checks.put("bilinearGradient", HardTraining::bilinearGradient);
        checks.put("gridSample", HardTraining::gridSample);
        checks.put("gridSampleGradient", HardTraining::gridSampleGradient);
        checks.put("adam", HardTraining::adam);
        checks.put("topK", HardTraining::topK);
        checks.put("nearestCenters", HardTraining::nearestCenters);
        checks.put("runningMeans", HardTraining::runningMeans);
        return checks;
    }

    static Comparison worst(List<Comparison> all) {
        return Comparison.worstOf(all.toArray(Comparison[]::new));
    }

    private static Comparison linear(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard training.linear", 0);
        List<Comparison> all = new ArrayList<>();
        for (Activation activation : Activation.values()) {
            for (int rows : new int[] {1, 29}) {
                float[] x = draw.normal(rows * 37, 0, 3);
                float[] weight = draw.normal(45 * 37);
                float[] added = draw.normal(rows * 45, 0, 10);
                for (float[] bias : new float[][] {null, draw.normal(45, 0, 10)}) {
                    for (float[] residual : new float[][] {null, added}) {
                        all.add(Comparison.relative(
                                device.linear(x, weight, bias, activation, residual, 37, 45),
                                Oracle.linear(x, weight, bias, activation, residual, 37, 45),
                                TRAINING));
                    }
                }
            }
        }
        return worst(all);
    }

    /** Each gradient alone, each left out, and one row. */
    private static Comparison linearGradient(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard linearGradient", 0);
        List<Comparison> all = new ArrayList<>();
        for (int rows : new int[] {1, 131}) {
            float[] x = draw.normal(rows * 19);
            float[] weight = draw.normal(21 * 19);
            float[] g = draw.normal(rows * 21);
            for (int wanted = 1; wanted < 8; wanted++) {
                TrainingOnDevice.LinearGradients found = device.linearGradient(
                        x, weight, g, 19, 21, (wanted & 1) > 0, (wanted & 2) > 0, (wanted & 4) > 0);
                if (found.x() != null) {
                    all.add(Comparison.relative(found.x(), TrainingOracle.product(g, weight, rows, 21, 19), TRAINING));
                }
                if (found.weight() != null) {
                    all.add(Comparison.relative(
                            found.weight(), TrainingOracle.transposedProduct(g, x, rows, 21, 19), TRAINING));
                }
                if (found.bias() != null) {
                    float[] ones = OnDevice.filled(rows, 1);
                    all.add(Comparison.relative(
                            found.bias(), TrainingOracle.transposedProduct(ones, g, rows, 1, 21), TRAINING));
                }
            }
        }
        return worst(all);
    }

    private static Comparison fill(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        List<Comparison> all = new ArrayList<>();
        for (int count : new int[] {1, 15, 1001}) {
            for (float value : new float[] {0, -1.25f, 3e38f, Float.NaN, Float.NEGATIVE_INFINITY}) {
                all.add(Comparison.each(
                        device.fill(count, value), Comparison.widened(OnDevice.filled(count, value)), EXACT, 1));
            }
        }
        return worst(all);
    }

    /** Sums that don't start from one value, factors of 0 and below, lengths about a vector's. */
    private static Comparison addScaled(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard addScaled", 0);
        List<Comparison> all = new ArrayList<>();
        for (int count : new int[] {1, 15, 16, 17, 1001}) {
            for (float factor : new float[] {0, -2, 0.1f}) {
                float[] x = draw.normal(count);
                float[] sum = draw.normal(count, 0, 3);
                double[] expected = new double[count];
                for (int i = 0; i < count; i++) {
                    expected[i] = sum[i] + (double) factor * x[i];
                }
                all.add(Comparison.relative(device.addScaled(x, factor, sum), expected, TRAINING));
            }
        }
        return worst(all);
    }

    /** In place and not; outputs of exactly 0, of either sign, and barely above. */
    private static Comparison reluGradient(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard reluGradient", 0);
        List<Comparison> all = new ArrayList<>();
        for (int count : new int[] {1, 16, 1003}) {
            float[] y = new float[count];
            float[] g = draw.normal(count);
            double[] expected = new double[count];
            float[] values = {0, -0.0f, 1e-30f, 5};
            for (int i = 0; i < count; i++) {
                y[i] = values[draw.between(0, 3)];
                expected[i] = y[i] > 0 ? g[i] : 0;
            }
            all.add(Comparison.each(device.reluGradient(y, g, false), expected, EXACT, 1));
            all.add(Comparison.each(device.reluGradient(y, g, true), expected, EXACT, 1));
        }
        return worst(all);
    }

    private static Comparison scaleChannels(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard scaleChannels", 0);
        List<Comparison> all = new ArrayList<>();
        for (int channels : new int[] {1, 17, 64}) {
            float[] x = draw.normal(3 * 35 * channels);
            float[] factors = draw.normal(3 * channels);
            factors[0] = 0;
            double[] expected = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                expected[i] = (double) x[i] * factors[i / (35 * channels) * channels + i % channels];
            }
            all.add(Comparison.relative(device.scaleChannels(x, factors, channels, true), expected, TRAINING));
            all.add(Comparison.relative(device.scaleChannels(x, factors, channels, false), expected, TRAINING));
        }
        return worst(all);
    }

    /** Rows shorter than epsilon, of zeros, and so long or short that the cube of their length is no float; in place. */
    private static Comparison normalizeGradient(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard normalizeGradient", 0);
        List<Comparison> all = new ArrayList<>();
        for (int channels : new int[] {1, 3, 17, 70}) {
            for (double size : new double[] {0, 1e-15, 1e-6, 1, 1e15}) {
                float[] x = draw.normal(5 * channels, 0, size / Math.sqrt(channels));
                float[] g = draw.normal(5 * channels);
                for (float epsilon : new float[] {1e-20f, 1e-3f, 1}) {
                    // A single channel has no direction to turn: the result is what rounding leaves of 0.
                    double usual = size == 0 || size < epsilon ? 1 / epsilon : channels == 1 ? 1e2 / size : 1 / size;
                    double[] expected = GradientOracle.normalize(x, epsilon, g, channels);
                    for (boolean inPlace : new boolean[] {false, true}) {
                        all.add(Comparison.each(
                                device.normalizeGradient(x, epsilon, g, channels, inPlace), expected, TRAINING, usual));
                    }
                }
            }
        }
        return worst(all);
    }

    /** Larger and smaller outputs than inputs, one pixel, one line, the same size. */
    private static Comparison bilinearGradient(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard bilinearGradient", 0);
        List<Comparison> all = new ArrayList<>();
        int[][] sizes = {{1, 1, 4, 5}, {4, 5, 1, 1}, {1, 9, 3, 20}, {9, 2, 4, 33}, {13, 7, 5, 3}, {5, 6, 5, 6}};
        for (int[] s : sizes) {
            for (int channels : new int[] {1, 19}) {
                float[] g = draw.normal(2 * s[2] * s[3] * channels);
                all.add(Comparison.relative(
                        device.bilinearGradient(g, 2, s[0], s[1], channels, s[2], s[3]),
                        GradientOracle.bilinear(Comparison.widened(g), 2, s[0], s[1], channels, s[2], s[3]),
                        TRAINING));
            }
        }
        return worst(all);
    }

    /** Points on pixels, on the very border, just inside and far outside of the image. */
    private static float[] points(Draw draw, int count) {
        float[] coords = draw.normal(2 * count, 0, 0.8);
        float[] exact = {-1, 1, 0, 0.5f, -0.5f, 1.5f, -3, 1e6f, -1e6f, 0.9999999f, -0.9999999f};
        for (int i = 0; i < count; i++) {
            coords[2 * i + i % 2] = exact[i % exact.length];
        }
        coords[0] = 1;
        coords[1] = 1;
        coords[2] = -1;
        coords[3] = -1;
        return coords;
    }

    private static Comparison gridSample(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard gridSample", 0);
        List<Comparison> all = new ArrayList<>();
        for (int[] s : new int[][] {{1, 1, 3}, {1, 9, 17}, {9, 1, 1}, {5, 9, 19}}) {
            float[] x = draw.normal(3 * s[0] * s[1] * s[2]);
            int[] chosen = {2, 2, 0};
            float[] coords = points(draw, 3 * 23);
            all.add(Comparison.relative(
                    device.gridSample(x, s[0], s[1], s[2], chosen, coords),
                    TrainingOracle.gridSample(Comparison.widened(x), s[0], s[1], s[2], chosen, coords),
                    TRAINING));
        }
        return worst(all);
    }

    /** Probabilities of exactly 0 and 1, all alike, and peaked; gradients that cancel; scales far from 1; in place and not. */
    private static Comparison softmaxGradient(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard softmaxGradient", 0);
        List<Comparison> all = new ArrayList<>();
        for (int channels : new int[] {1, 2, 7, 16, 37, 131}) {
            float[] x = draw.normal(9 * channels, 0, 6);
            Arrays.fill(x, 0, channels, 3);
            for (int row = 1; row < 4; row++) {
                x[row * channels + row % channels] = 500;
            }
            double[] probabilities = Oracle.softmax(x, channels, 1);
            float[] y = new float[x.length];
            Arrays.setAll(probabilities, i -> y[i] = (float) probabilities[i]);
            float[] g = draw.normal(x.length, 0.5, 1);
            Arrays.fill(g, 4 * channels, 5 * channels, -2);
            for (float scale : new float[] {1, -3, 500}) {
                double[] expected = GradientOracle.softmax(y, scale, g, channels);
                for (boolean inPlace : new boolean[] {false, true}) {
                    all.add(Comparison.each(
                            device.softmaxGradient(y, scale, g, channels, inPlace),
                            expected,
                            TRAINING,
                            Math.abs(scale)));
                }
            }
        }
        return worst(all);
    }

    /** All samples of one image, onto gradients that are there already. */
    private static Comparison gridSampleGradient(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard gridSampleGradient", 0);
        List<Comparison> all = new ArrayList<>();
        for (int[] s : new int[][] {{1, 1, 3}, {1, 9, 17}, {9, 1, 1}, {5, 9, 19}}) {
            for (int[] chosen : new int[][] {{1, 1, 1}, {2, 0, 2}}) {
                float[] sum = draw.normal(3 * s[0] * s[1] * s[2], 0, 5);
                float[] coords = points(draw, 3 * 23);
                float[] g = draw.normal(3 * 23 * s[2]);
                all.add(Comparison.relative(
                        device.gridSampleGradient(g, s[0], s[1], s[2], chosen, coords, sum),
                        GradientOracle.gridSample(g, s[0], s[1], s[2], chosen, coords, sum),
                        TRAINING));
            }
        }
        return worst(all);
    }

    /** Gradients of 0 on means of 0, squares about epsilon, the first step and a late one, other decays than the usual. */
    private static Comparison adam(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard adam", 0);
        List<Comparison> all = new ArrayList<>();
        AdamSettings[] settings = {AdamSettings.of(0.1), new AdamSettings(0.01, 0.5, 0.9, 1e-3)};
        for (AdamSettings setting : settings) {
            for (int step : new int[] {1, 2, 30_000}) {
                int count = 67;
                float[] parameter = draw.normal(count);
                float[] g = draw.normal(count, 0, setting.epsilon());
                float[] mean = draw.normal(count, 0, setting.epsilon());
                float[] square = new float[count];
                for (int i = 0; i < count; i++) {
                    square[i] = mean[i] * mean[i];
                }
                Arrays.fill(g, 0, 9, 0);
                Arrays.fill(mean, 0, 9, 0);
                Arrays.fill(square, 0, 9, 0);
                TrainingOnDevice.AdamState found = device.adam(parameter, g, mean, square, setting, step);
                double[] p = Comparison.widened(parameter);
                double[] m = Comparison.widened(mean);
                double[] v = Comparison.widened(square);
                TrainingOracle.adam(p, g, m, v, setting, step);
                all.add(Comparison.relative(found.parameter(), p, TRAINING));
                all.add(Comparison.relative(found.mean(), m, TRAINING));
                all.add(Comparison.relative(found.square(), v, TRAINING));
            }
        }
        return worst(all);
    }

    /** All keys alike, as many wanted as there are, products all below 0, and queries that are the keys or are not. */
    private static Comparison topK(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard topK", 0);
        List<Comparison> all = new ArrayList<>();
        for (int keys : new int[] {1, 7, 65, 150}) {
            for (int k : new int[] {1, keys, Math.min(keys, 30)}) {
                float[] ties = signs(draw, keys * 3);
                float[] below = OnDevice.filled(keys * 3, -2);
                below[keys * 3 - 1] = -1;
                float[][][] pairs = {
                    {ties, ties}, {signs(draw, 70 * 3), ties}, {OnDevice.filled(5 * 3, 1), below}, {below, below}
                };
                for (float[][] pair : pairs) {
                    all.add(RandomNeighbors.compareTopK(device, pair[0], pair[1], 3, k));
                }
            }
        }
        return worst(all);
    }

    private static float[] signs(Draw draw, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = draw.between(-1, 1);
        }
        return values;
    }

    /** Centres that are there twice, points as far from one as from another, clusters without points, rows drawn twice. */
    private static Comparison nearestCenters(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard nearestCenters", 0);
        List<Comparison> all = new ArrayList<>();
        for (int channels : new int[] {1, 2, 16, 19}) {
            for (int clusters : new int[] {1, 6, 37}) {
                float[] centers = signs(draw, clusters * channels);
                float[] points = signs(draw, 50 * channels);
                int[] rows = draw.indices(171, 50);
                all.add(RandomNeighbors.compareNearest(device, points, rows, centers, channels, true));
            }
        }
        return worst(all);
    }

    /** Clusters that never had a point, those that got none now, and totals of millions. */
    private static Comparison runningMeans(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard runningMeans", 0);
        List<Comparison> all = new ArrayList<>();
        for (int channels : new int[] {1, 17}) {
            int[] totals = {0, 0, 5, 3_000_000, 7, 1};
            int[] counts = {0, 4, 0, 1000, 1, 300_000};
            float[] sums = draw.normal(6 * channels, 0, 10);
            float[] means = draw.normal(6 * channels);
            Arrays.fill(sums, 0, channels, 0);
            double[] expected = new double[means.length];
            for (int i = 0; i < expected.length; i++) {
                int c = i / channels;
                double total = totals[c] + counts[c];
                expected[i] = total == 0 ? means[i] : means[i] + (sums[i] - (double) counts[c] * means[i]) / total;
            }
            all.add(Comparison.each(device.runningMeans(sums, counts, totals, means), expected, TRAINING, 1));
        }
        return worst(all);
    }
}
