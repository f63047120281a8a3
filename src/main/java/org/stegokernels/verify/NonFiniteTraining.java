package org.stegokernels.verify;

import static org.stegokernels.verify.Comparison.TRAINING;

import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;

/** NaN in the element-wise operations of training, and in its losses: training must see that it has gone wrong. */
final class NonFiniteTraining {
    private static final float NAN = Float.NaN;
    private static final int COUNT = 67;

    private NonFiniteTraining() {}

    static Map<String, Checks.Body> checks() {
        Map<String, Checks.Body> checks = new LinkedHashMap<>();
        checks.put("addScaled", NonFiniteTraining::addScaled);
        checks.put("reluGradient", NonFiniteTraining::reluGradient);
        checks.put("scaleChannels", NonFiniteTraining::scaleChannels);
        checks.put("normalizeGradient", NonFiniteTraining::normalizeGradient);
        checks.put("softmaxGradient", NonFiniteTraining::softmaxGradient);
        checks.put("adam", NonFiniteTraining::adam);
        checks.put("correspondence", NonFiniteTraining::correspondence);
        checks.put("crossEntropy", NonFiniteTraining::crossEntropy);
        checks.put("assignmentLoss", NonFiniteTraining::assignmentLoss);
        checks.put("agreementLoss", NonFiniteTraining::agreementLoss);
        checks.put("crfLoss", NonFiniteTraining::crfLoss);
        return checks;
    }

    private static float[] normal(String operation) {
        return new Draw(0, "nan " + operation, 0).normal(COUNT);
    }

    private static float[] withNaN(String operation) {
        float[] values = new Draw(0, "nan " + operation, 1).normal(COUNT);
        values[40] = NAN;
        return values;
    }

    private static Comparison allNaN(float... actual) {
        return each(actual, Comparison.widened(OnDevice.filled(actual.length, NAN)));
    }

    private static Comparison each(float[] actual, double[] expected) {
        return Comparison.each(actual, expected, TRAINING, 1);
    }

    /** A factor of 0 does not hide it. */
    private static Comparison addScaled(CheckScope scope) {
        float[] x = withNaN("addScaled");
        float[] sum = normal("addScaled");
        double[] expected = new double[COUNT];
        for (int i = 0; i < COUNT; i++) {
            expected[i] = sum[i] + 0.0 * x[i];
        }
        return each(new TrainingOnDevice(scope).addScaled(x, 0, sum), expected);
    }

    /** A gradient passes, where the output is above 0; an output that is NaN is not. */
    private static Comparison reluGradient(CheckScope scope) {
        float[] g = withNaN("reluGradient");
        float[] y = normal("reluGradient");
        y[40] = 1;
        y[3] = NAN;
        double[] expected = new double[COUNT];
        for (int i = 0; i < COUNT; i++) {
            expected[i] = y[i] > 0 ? g[i] : 0;
        }
        return each(new TrainingOnDevice(scope).reluGradient(y, g, false), expected);
    }

    private static Comparison scaleChannels(CheckScope scope) {
        float[] x = withNaN("scaleChannels");
        float[] factors = normal("scaleChannels");
        factors[40] = 0;
        double[] expected = new double[COUNT];
        for (int i = 0; i < COUNT; i++) {
            expected[i] = (double) x[i] * factors[i];
        }
        return each(new TrainingOnDevice(scope).scaleChannels(x, factors, COUNT, false), expected);
    }

    private static Comparison normalizeGradient(CheckScope scope) {
        return allNaN(new TrainingOnDevice(scope)
                .normalizeGradient(normal("normalizeGradient"), 1e-10f, withNaN("normalizeGradient"), COUNT, false));
    }

    /** A gradient or a probability makes its row NaN. */
    private static Comparison softmaxGradient(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        float[] normal = normal("softmaxGradient");
        float[] hit = withNaN("softmaxGradient");
        return Comparison.worstOf(
                allNaN(device.softmaxGradient(normal, 1, hit, COUNT, false)),
                allNaN(device.softmaxGradient(hit, 1, normal, COUNT, true)));
    }

    private static Comparison adam(CheckScope scope) {
        float[] parameter = normal("adam");
        float[] g = withNaN("adam");
        double[] expected = Comparison.widened(parameter);
        AdamSettings settings = AdamSettings.of(0.1);
        TrainingOracle.adam(expected, g, new double[COUNT], new double[COUNT], settings, 1);
        return each(
                new TrainingOnDevice(scope)
                        .adam(parameter, g, new float[COUNT], new float[COUNT], settings, 1)
                        .parameter(),
                expected);
    }

    private static float[] batch() {
        return new Draw(0, "nan losses", 0).normal(2 * 5 * 3);
    }

    private static float[] batchWithNaN() {
        float[] hit = batch();
        hit[7] = NAN;
        return hit;
    }

    private static Comparison correspondence(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        float[] a = batch();
        float[] hit = batchWithNaN();
        CorrespondenceRule rule = new CorrespondenceRule(true, true, true, 0.1f);
        float[] zero = new float[a.length];
        return allNaN(
                device.correspondence(hit, a, a, a, 2, 5, rule, 1, zero, zero).loss(),
                device.correspondence(a, a, hit, a, 2, 5, rule, 1, zero, zero).loss(),
                device.correspondence(a, a, a, hit, 2, 5, rule, 1, zero, zero).loss());
    }

    private static Comparison crossEntropy(CheckScope scope) {
        return allNaN(new TrainingOnDevice(scope)
                .crossEntropy(batchWithNaN(), new int[10], null, 2, 5, 1, 5, 1, 1)
                .loss());
    }

    private static Comparison assignmentLoss(CheckScope scope) {
        return allNaN(new TrainingOnDevice(scope)
                .assignmentLoss(batchWithNaN(), 3, 2, 1)
                .loss());
    }

    private static Comparison agreementLoss(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        return allNaN(
                device.agreementLoss(batchWithNaN(), batch(), 3, 1).loss(),
                device.agreementLoss(batch(), batchWithNaN(), 3, 1).loss());
    }

    private static Comparison crfLoss(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        GuidanceSettings settings = new GuidanceSettings(0.5, 0.15, 0.05, 10, 3, 0);
        int[] points = {0, 1, 2, 3, 4, 0, 0, 0, 0, 0};
        return allNaN(
                device.crfLoss(batch(), batchWithNaN(), 2, 5, 1, points, settings, 1)
                        .loss(),
                device.crfLoss(batchWithNaN(), batch(), 2, 5, 1, points, settings, 1)
                        .loss());
    }
}
