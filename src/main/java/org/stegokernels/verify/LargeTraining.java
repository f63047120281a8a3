package org.stegokernels.verify;

import static org.stegokernels.verify.Comparison.TRAINING;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;

/** Each operation of {@link org.stegokernels.device.TrainingKernels} once at a size of real use. */
final class LargeTraining {
    private static final float WEIGHT = 0.7f;

    private LargeTraining() {}

    static Map<String, Checks.Body> checks() {
        Map<String, Checks.Body> checks = new LinkedHashMap<>();
        checks.put("training.linear", LargeTraining::linear);
        checks.put("linearGradient", LargeTraining::linearGradient);
        checks.put("fill", LargeTraining::fill);
        checks.put("addScaled", LargeTraining::addScaled);
        checks.put("reluGradient", LargeTraining::reluGradient);
        checks.put("scaleChannels", LargeTraining::scaleChannels);
        checks.put("normalizeGradient", LargeTraining::normalizeGradient);
        checks.put("softmaxGradient", LargeTraining::softmaxGradient);
        checks.put("bilinearGradient", LargeTraining::bilinearGradient);
        checks.put("gridSample", LargeTraining::gridSample);
        checks.put("gridSampleGradient", LargeTraining::gridSampleGradient);
        checks.put("correspondence", LargeTraining::correspondence);
        checks.put("crossEntropy", LargeTraining::crossEntropy);
        checks.put("assignmentLoss", LargeTraining::assignmentLoss);
        checks.put("agreementLoss", LargeTraining::agreementLoss);
        checks.put("crfLoss", LargeTraining::crfLoss);
        checks.put("adam", LargeTraining::adam);
        checks.put("topK", LargeTraining::topK);
        checks.put("nearestCenters", LargeTraining::nearestCenters);
        checks.put("runningMeans", LargeTraining::runningMeans);
        return checks;
    }

    private static Comparison linear(CheckScope scope) {
        Draw draw = new Draw(0, "large training.linear", 0);
        float[] x = draw.normal(6401 * 67);
        float[] weight = draw.normal(1037 * 67, 0, 0.12);
        float[] bias = draw.normal(1037);
        float[] out = new TrainingOnDevice(scope).linear(x, weight, bias, Activation.RELU, null, 67, 1037);
        return Comparison.relative(
                LargeModel.some(out, 1037),
                Oracle.linear(LargeModel.some(x, 67), weight, bias, Activation.RELU, null, 67, 1037),
                TRAINING);
    }

    /** The rows of a step of training, and a wide layer. */
    private static Comparison linearGradient(CheckScope scope) {
        Draw draw = new Draw(0, "large linearGradient", 0);
        return Comparison.worstOf(
                linearGradient(scope, draw, 12_803, 35, 29), linearGradient(scope, draw, 40, 2053, 131));
    }

    private static Comparison linearGradient(CheckScope scope, Draw draw, int rows, int inputs, int outputs) {
        float[] x = draw.normal(rows * inputs);
        float[] weight = draw.normal(outputs * inputs);
        float[] g = draw.normal(rows * outputs);
        TrainingOnDevice.LinearGradients found =
                new TrainingOnDevice(scope).linearGradient(x, weight, g, inputs, outputs, true, true, true);
        return Comparison.worstOf(
                Comparison.relative(found.x(), TrainingOracle.product(g, weight, rows, outputs, inputs), TRAINING),
                Comparison.relative(
                        found.weight(), TrainingOracle.transposedProduct(g, x, rows, outputs, inputs), TRAINING),
                Comparison.relative(
                        found.bias(),
                        TrainingOracle.transposedProduct(OnDevice.filled(rows, 1), g, rows, 1, outputs),
                        TRAINING));
    }

    private static Comparison fill(CheckScope scope) {
        return Comparison.each(
                new TrainingOnDevice(scope).fill(300_007, 2.5f),
                Comparison.widened(OnDevice.filled(300_007, 2.5f)),
                Comparison.EXACT,
                1);
    }

    private static Comparison addScaled(CheckScope scope) {
        Draw draw = new Draw(0, "large addScaled", 0);
        float[] x = draw.normal(300_007);
        float[] sum = draw.normal(300_007);
        double[] expected = new double[x.length];
        Arrays.setAll(expected, i -> sum[i] - 0.3f * (double) x[i]);
        return Comparison.relative(new TrainingOnDevice(scope).addScaled(x, -0.3f, sum), expected, TRAINING);
    }

    private static Comparison reluGradient(CheckScope scope) {
        Draw draw = new Draw(0, "large reluGradient", 0);
        float[] y = draw.normal(300_007);
        float[] g = draw.normal(300_007);
        double[] expected = new double[y.length];
        Arrays.setAll(expected, i -> y[i] > 0 ? g[i] : 0);
        return Comparison.relative(new TrainingOnDevice(scope).reluGradient(y, g, true), expected, Comparison.EXACT);
    }

    private static Comparison scaleChannels(CheckScope scope) {
        Draw draw = new Draw(0, "large scaleChannels", 0);
        int channels = 1031;
        int pixels = 401;
        float[] x = draw.normal(3 * pixels * channels);
        float[] factors = draw.normal(3 * channels);
        double[] expected = new double[x.length];
        Arrays.setAll(expected, i -> (double) x[i] * factors[i / (pixels * channels) * channels + i % channels]);
        return Comparison.relative(
                new TrainingOnDevice(scope).scaleChannels(x, factors, channels, true), expected, TRAINING);
    }

    private static Comparison normalizeGradient(CheckScope scope) {
        Draw draw = new Draw(0, "large normalizeGradient", 0);
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Comparison[] all = new Comparison[2];
        int[] widths = {19, 2053};
        for (int i = 0; i < 2; i++) {
            float[] x = draw.normal((i == 0 ? 20_011 : 7) * widths[i]);
            float[] g = draw.normal(x.length);
            all[i] = Comparison.relative(
                    device.normalizeGradient(x, 1e-10f, g, widths[i], true),
                    GradientOracle.normalize(x, 1e-10f, g, widths[i]),
                    TRAINING);
        }
        return Comparison.worstOf(all);
    }

    private static Comparison softmaxGradient(CheckScope scope) {
        Draw draw = new Draw(0, "large softmaxGradient", 0);
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Comparison[] all = new Comparison[2];
        int[] widths = {19, 2053};
        for (int i = 0; i < 2; i++) {
            int channels = widths[i];
            float[] y = draw.normal((i == 0 ? 20_011 : 7) * channels, 1.0 / channels, 0.3 / channels);
            float[] g = draw.normal(y.length);
            all[i] = Comparison.relative(
                    device.softmaxGradient(y, 10, g, channels, true),
                    GradientOracle.softmax(y, 10, g, channels),
                    TRAINING);
        }
        return Comparison.worstOf(all);
    }

    private static Comparison bilinearGradient(CheckScope scope) {
        Draw draw = new Draw(0, "large bilinearGradient", 0);
        TrainingOnDevice device = new TrainingOnDevice(scope);
        float[] g = draw.normal(2 * 161 * 160 * 29);
        float[] wide = draw.normal(5 * 7 * 1031);
        float[] line = draw.normal(50_001);
        return Comparison.worstOf(
                Comparison.relative(
                        device.bilinearGradient(g, 2, 20, 21, 29, 161, 160),
                        GradientOracle.bilinear(Comparison.widened(g), 2, 20, 21, 29, 161, 160),
                        TRAINING),
                Comparison.relative(
                        device.bilinearGradient(wide, 1, 3, 4, 1031, 5, 7),
                        GradientOracle.bilinear(Comparison.widened(wide), 1, 3, 4, 1031, 5, 7),
                        TRAINING),
                Comparison.relative(
                        device.bilinearGradient(line, 1, 1, 40_000, 1, 1, 50_001),
                        GradientOracle.bilinear(Comparison.widened(line), 1, 1, 40_000, 1, 1, 50_001),
                        TRAINING));
    }

    /** The 121 points of a draw on a batch of images, and wide features. */
    private static Comparison gridSample(CheckScope scope) {
        Draw draw = new Draw(0, "large gridSample", 0);
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Comparison[] all = new Comparison[2];
        int[][] sizes = {{17, 20, 21, 35, 121}, {2, 9, 7, 1031, 300}};
        for (int i = 0; i < sizes.length; i++) {
            int[] s = sizes[i];
            float[] x = draw.normal(s[0] * s[1] * s[2] * s[3]);
            int[] chosen = draw.indices(2 * s[0], s[0]);
            float[] coords = draw.normal(2 * s[0] * s[4] * 2, 0, 0.7);
            all[i] = Comparison.relative(
                    device.gridSample(x, s[1], s[2], s[3], chosen, coords),
                    TrainingOracle.gridSample(Comparison.widened(x), s[1], s[2], s[3], chosen, coords),
                    TRAINING);
        }
        return Comparison.worstOf(all);
    }

    private static Comparison gridSampleGradient(CheckScope scope) {
        Draw draw = new Draw(0, "large gridSampleGradient", 0);
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Comparison[] all = new Comparison[2];
        int[][] sizes = {{17, 20, 21, 35, 121}, {2, 9, 7, 1031, 300}};
        for (int i = 0; i < sizes.length; i++) {
            int[] s = sizes[i];
            float[] sum = draw.normal(s[0] * s[1] * s[2] * s[3]);
            int[] chosen = draw.indices(2 * s[0], s[0]);
            float[] coords = draw.normal(2 * s[0] * s[4] * 2, 0, 0.7);
            float[] g = draw.normal(2 * s[0] * s[4] * s[3]);
            all[i] = Comparison.relative(
                    device.gridSampleGradient(g, s[1], s[2], s[3], chosen, coords, sum),
                    GradientOracle.gridSample(g, s[1], s[2], s[3], chosen, coords, sum),
                    TRAINING);
        }
        return Comparison.worstOf(all);
    }

    /** The 121 points of a draw, features and codes wider than any model's. */
    private static Comparison correspondence(CheckScope scope) {
        Draw draw = new Draw(0, "large correspondence", 0);
        TrainingOnDevice device = new TrainingOnDevice(scope);
        int images = 5;
        int points = 131;
        int[][] widths = {{387, 101}, {19, 1031}};
        Comparison[] all = new Comparison[4];
        for (int i = 0; i < widths.length; i++) {
            int rows = images * points;
            float[] f1 = draw.normal(rows * widths[i][0], 0, 1 / Math.sqrt(widths[i][0]));
            float[] f2 = draw.normal(rows * widths[i][0], 0, 1 / Math.sqrt(widths[i][0]));
            float[] c1 = draw.normal(rows * widths[i][1], 0, 1 / Math.sqrt(widths[i][1]));
            float[] c2 = draw.normal(rows * widths[i][1], 0, 1 / Math.sqrt(widths[i][1]));
            CorrespondenceRule rule = new CorrespondenceRule(true, i == 1, false, 0.1f);
            float[] zero = new float[c1.length];
            TrainingOnDevice.Loss found =
                    device.correspondence(f1, f2, c1, c2, images, points, rule, WEIGHT, zero, zero);
            double loss = TrainingOracle.correspondence(
                    Comparison.widened(f1),
                    Comparison.widened(f2),
                    Comparison.widened(c1),
                    Comparison.widened(c2),
                    images,
                    points,
                    rule);
            double[][] gradients = GradientOracle.correspondence(f1, f2, c1, c2, images, points, rule);
            all[2 * i] = HardLosses.compare(found, 0, loss, gradients[0], WEIGHT, null);
            all[2 * i + 1] = HardLosses.compare(found, 1, loss, gradients[1], WEIGHT, null);
        }
        return Comparison.worstOf(all);
    }

    /** The labels of a photograph, and more classes than any table. */
    private static Comparison crossEntropy(CheckScope scope) {
        Draw draw = new Draw(0, "large crossEntropy", 0);
        TrainingOnDevice device = new TrainingOnDevice(scope);
        int[][] sizes = {{20, 21, 27, 161, 160}, {4, 5, 1031, 9, 11}, {1, 1500, 2, 1, 2001}};
        Comparison[] all = new Comparison[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            int[] s = sizes[i];
            float[] logits = draw.normal(2 * s[0] * s[1] * s[2], 0, 2);
            int[] labels = draw.indices(2 * s[3] * s[4], s[2] + 1);
            float[] weights = draw.normal(s[2], 2, 0.3);
            double[] wide = Comparison.widened(logits);
            all[i] = HardLosses.compare(
                    device.crossEntropy(logits, labels, weights, 2, s[0], s[1], s[3], s[4], WEIGHT),
                    0,
                    TrainingOracle.crossEntropy(wide, labels, weights, 2, s[0], s[1], s[3], s[4]),
                    GradientOracle.crossEntropy(wide, labels, weights, 2, s[0], s[1], s[3], s[4]),
                    WEIGHT,
                    null);
        }
        return Comparison.worstOf(all);
    }

    private static Comparison assignmentLoss(CheckScope scope) {
        Draw draw = new Draw(0, "large assignmentLoss", 0);
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Comparison[] all = new Comparison[4];
        int[][] sizes = {{12_803, 29}, {19, 1031}};
        for (int i = 0; i < 4; i++) {
            int clusters = sizes[i / 2][1];
            float alpha = i % 2 * 3;
            float[] cosines = draw.normal(sizes[i / 2][0] * clusters, 0, 0.4);
            all[i] = HardLosses.compare(
                    device.assignmentLoss(cosines, clusters, alpha, WEIGHT),
                    0,
                    TrainingOracle.assignmentLoss(Comparison.widened(cosines), clusters, alpha),
                    GradientOracle.assignment(cosines, clusters, alpha),
                    WEIGHT,
                    null);
        }
        return Comparison.worstOf(all);
    }

    private static Comparison agreementLoss(CheckScope scope) {
        Draw draw = new Draw(0, "large agreementLoss", 0);
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Comparison[] all = new Comparison[2];
        int[][] sizes = {{12_803, 29}, {19, 1031}};
        for (int i = 0; i < 2; i++) {
            int rows = sizes[i][0];
            float[] a = draw.normal(rows * sizes[i][1], 0.1, 0.3);
            float[] b = draw.normal(rows * sizes[i][1], 0.1, 0.3);
            double[] gradient = new double[b.length];
            Arrays.setAll(gradient, at -> -(double) b[at] / rows);
            double loss = TrainingOracle.agreementLoss(Comparison.widened(a), Comparison.widened(b), sizes[i][1]);
            all[i] = HardLosses.compare(
                    device.agreementLoss(a, b, sizes[i][1], WEIGHT), 0, loss, gradient, WEIGHT, null);
        }
        return Comparison.worstOf(all);
    }

    /** The thousand points of a published draw, in so many images that not all pairs are held at a time. */
    private static Comparison crfLoss(CheckScope scope) {
        Draw draw = new Draw(0, "large crfLoss", 0);
        GuidanceSettings settings = new GuidanceSettings(0.5, 0.15, 0.05, 10, 3, 0.1);
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Comparison[] all = new Comparison[2];
        int[][] sizes = {{5, 30, 29, 5, 1003}, {1, 9, 8, 1031, 70}};
        for (int i = 0; i < 2; i++) {
            int[] s = sizes[i];
            float[] guidance = draw.normal(s[0] * s[1] * s[2] * 3, 0, 0.4);
            float[] code = draw.normal(s[0] * s[1] * s[2] * s[3], 0, 1 / Math.sqrt(s[3]));
            int[] points = draw.indices(2 * s[4], Math.min(s[1], s[2]));
            all[i] = HardLosses.compare(
                    device.crfLoss(guidance, code, s[0], s[1], s[2], points, settings, WEIGHT),
                    0,
                    TrainingOracle.crfLoss(
                            Comparison.widened(guidance), Comparison.widened(code), s[0], s[1], s[2], points, settings),
                    GradientOracle.crfLoss(guidance, code, s[0], s[1], s[2], points, settings),
                    WEIGHT,
                    null);
        }
        return Comparison.worstOf(all);
    }

    private static Comparison adam(CheckScope scope) {
        Draw draw = new Draw(0, "large adam", 0);
        int count = 300_007;
        float[] parameter = draw.normal(count);
        float[] g = draw.normal(count);
        float[] mean = draw.normal(count, 0, 0.1);
        float[] square = OnDevice.filled(count, 0.1f);
        AdamSettings settings = AdamSettings.of(0.01);
        TrainingOnDevice.AdamState found = new TrainingOnDevice(scope).adam(parameter, g, mean, square, settings, 7);
        double[] p = Comparison.widened(parameter);
        double[] m = Comparison.widened(mean);
        double[] v = Comparison.widened(square);
        TrainingOracle.adam(p, g, m, v, settings, 7);
        return Comparison.worstOf(
                Comparison.relative(found.parameter(), p, TRAINING),
                Comparison.relative(found.mean(), m, TRAINING),
                Comparison.relative(found.square(), v, TRAINING));
    }

    /** More keys than two packs hold, more queries than a task takes, wide rows, and keys that are the queries. */
    private static Comparison topK(CheckScope scope) {
        Draw draw = new Draw(0, "large topK", 0);
        TrainingOnDevice device = new TrainingOnDevice(scope);
        float[] keys = integers(draw, 16_405 * 3);
        float[] wide = integers(draw, 150 * 1031);
        float[] own = integers(draw, 2303 * 4);
        return Comparison.worstOf(
                RandomNeighbors.compareTopK(device, integers(draw, 71 * 3), keys, 3, 30),
                RandomNeighbors.compareTopK(device, integers(draw, 67 * 1031), wide, 1031, 9),
                RandomNeighbors.compareTopK(device, own, own, 4, 40));
    }

    /** Small integers, whose products are exact. */
    private static float[] integers(Draw draw, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = draw.between(-9, 9);
        }
        return values;
    }

    private static Comparison nearestCenters(CheckScope scope) {
        Draw draw = new Draw(0, "large nearestCenters", 0);
        TrainingOnDevice device = new TrainingOnDevice(scope);
        float[] many = draw.normal(30_000 * 5);
        float[] wide = draw.normal(500 * 1031);
        float[] both = draw.normal(2500 * 67);
        float[] few = draw.normal(200 * 3);
        return Comparison.worstOf(
                RandomNeighbors.compareNearest(
                        device, many, draw.indices(70_003, 30_000), draw.normal(29 * 5), 5, false),
                RandomNeighbors.compareNearest(
                        device, both, draw.indices(3001, 2500), draw.normal(1031 * 67), 67, false),
                RandomNeighbors.compareNearest(device, few, draw.indices(5003, 200), draw.normal(4099 * 3), 3, false),
                RandomNeighbors.compareNearest(
                        device, wide, draw.indices(300, 500), draw.normal(9 * 1031), 1031, false));
    }

    private static Comparison runningMeans(CheckScope scope) {
        Draw draw = new Draw(0, "large runningMeans", 0);
        int clusters = 1031;
        int channels = 67;
        float[] sums = draw.normal(clusters * channels, 0, 10);
        float[] means = draw.normal(clusters * channels);
        int[] counts = draw.indices(clusters, 20);
        int[] totals = draw.indices(clusters, 100);
        double[] expected = new double[means.length];
        Arrays.setAll(expected, i -> {
            double total = totals[i / channels] + counts[i / channels];
            return total == 0 ? means[i] : means[i] + (sums[i] - (double) counts[i / channels] * means[i]) / total;
        });
        return Comparison.relative(
                new TrainingOnDevice(scope).runningMeans(sums, counts, totals, means), expected, TRAINING);
    }
}
