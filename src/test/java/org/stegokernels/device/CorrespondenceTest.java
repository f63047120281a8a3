package org.stegokernels.device;

import static org.stegokernels.testing.Gradients.assertForward;
import static org.stegokernels.testing.Gradients.assertGradient;
import static org.stegokernels.testing.Gradients.assertLoss;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.Gradients;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** A term of the correspondence loss against double-precision loops and central differences, under every rule. */
class CorrespondenceTest {
    private static final int IMAGES = 2;
    private static final int POINTS = 13;
    private static final int FEATURES = 21;
    private static final int CHANNELS = 6;

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void matchesCentralDifferencesUnderEveryRule(Devices.Choice choice) {
        for (int bits = 0; bits < 8; bits++) {
            CorrespondenceRule rule = new CorrespondenceRule((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, 0.15f);
            check(choice, rule, false);
            check(choice, rule, true);
        }
    }

    private static void check(Devices.Choice choice, CorrespondenceRule rule, boolean self) {
        float[] f1 = Gradients.unitRows(1, IMAGES * POINTS, FEATURES);
        float[] f2 = self ? f1 : Gradients.unitRows(2, IMAGES * POINTS, FEATURES);
        float[] c1 = Gradients.unitRows(3, IMAGES * POINTS, CHANNELS);
        float[] c2 = self ? c1 : Gradients.unitRows(4, IMAGES * POINTS, CHANNELS);
        double[] wideF1 = Comparison.widened(f1);
        double[] wideF2 = Comparison.widened(f2);
        double[] wide1 = Comparison.widened(c1);
        double[] wide2 = Comparison.widened(c2);
        String what = rule + (self ? " with itself" : "");
        double loss = TrainingOracle.correspondence(wideF1, wideF2, wide1, wide2, IMAGES, POINTS, rule);
        assertLoss(what, run(choice, rule, self, f1, f2, c1, c2, 2)[0], loss);
        double[] expected1 = TrainingOracle.gradient(
                at -> TrainingOracle.correspondence(wideF1, wideF2, at, self ? at : wide2, IMAGES, POINTS, rule),
                wide1);
        assertGradient(what, run(choice, rule, self, f1, f2, c1, c2, 0), expected1);
        if (!self) {
            double[] expected2 = TrainingOracle.gradient(
                    at -> TrainingOracle.correspondence(wideF1, wideF2, wide1, at, IMAGES, POINTS, rule), wide2);
            assertGradient(what, run(choice, rule, self, f1, f2, c1, c2, 1), expected2);
        }
    }

    /** The gradients of both codes and the loss; which of them. */
    private static float[] run(
            Devices.Choice choice,
            CorrespondenceRule rule,
            boolean self,
            float[] f1,
            float[] f2,
            float[] c1,
            float[] c2,
            int which) {
        return ThreadCounts.floats(choice, device -> {
            Tensor features1 = device.upload(f1, IMAGES, POINTS, FEATURES);
            Tensor code1 = device.upload(c1, IMAGES, POINTS, CHANNELS);
            Tensor grad1 = device.allocate(IMAGES, POINTS, CHANNELS);
            Tensor grad2 = self ? grad1 : device.allocate(IMAGES, POINTS, CHANNELS);
            Tensor loss = device.allocate(1);
            device.training()
                    .correspondence(
                            features1,
                            self ? features1 : device.upload(f2, IMAGES, POINTS, FEATURES),
                            code1,
                            self ? code1 : device.upload(c2, IMAGES, POINTS, CHANNELS),
                            rule,
                            1,
                            grad1,
                            grad2,
                            loss);
            return new Tensor[] {grad1, grad2, loss}[which];
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void addsToTheGradientByItsWeight(Devices.Choice choice) {
        float[] f = Gradients.unitRows(1, 121, 40);
        float[] c = Gradients.unitRows(2, 121, 70);
        CorrespondenceRule rule = new CorrespondenceRule(true, true, false, 0.2f);
        try (Device device = TestDevices.open(choice)) {
            Tensor features = device.upload(f, 1, 121, 40);
            Tensor code = device.upload(c, 1, 121, 70);
            Tensor once = device.allocate(1, 121, 70);
            Tensor twice = device.allocate(1, 121, 70);
            Tensor loss = device.allocate(1);
            TrainingKernels kernels = device.training();
            kernels.correspondence(features, features, code, code, rule, 0.5f, once, once, loss);
            kernels.correspondence(features, features, code, code, rule, 0.25f, twice, twice, loss);
            kernels.correspondence(features, features, code, code, rule, 0.25f, twice, twice, loss);
            assertForward("two halves", device.floats(twice), Comparison.widened(device.floats(once)));
        }
    }
}
