package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.stegokernels.testing.Gradients.assertGradient;
import static org.stegokernels.testing.Gradients.assertLoss;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** Cross-entropy of resized logits against double-precision loops and central differences. */
class CrossEntropyTest {
    /** Batch, height, width, classes, height and width of the labels. */
    private static final int[][] SHAPES = {
        {1, 1, 1, 1, 1, 1}, {2, 3, 4, 5, 12, 16}, {1, 7, 5, 3, 3, 2}, {1, 4, 4, 11, 31, 33}, {2, 1, 2, 27, 5, 70}
    };

    private static int[] labels(int[] s) {
        int[] labels = new Random(1).ints(s[0] * s[4] * s[5], -1, s[3] + 1).toArray();
        labels[0] = 0;
        for (int i = 1; i < labels.length; i += 7) {
            labels[i] = 255;
        }
        return labels;
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void matchesCentralDifferences(Devices.Choice choice) {
        for (int[] s : SHAPES) {
            float[] logits = ThreadCounts.normal(2, s[0] * s[1] * s[2] * s[3], 0, 3);
            int[] labels = labels(s);
            double[] wide = Comparison.widened(logits);
            String what = Arrays.toString(s);
            assertLoss(
                    what,
                    run(choice, s, logits, labels, false)[0],
                    TrainingOracle.crossEntropy(wide, labels, s[0], s[1], s[2], s[3], s[4], s[5]));
            assertGradient(
                    what,
                    run(choice, s, logits, labels, true),
                    TrainingOracle.gradient(
                            at -> TrainingOracle.crossEntropy(at, labels, s[0], s[1], s[2], s[3], s[4], s[5]), wide));
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void logitsOfAnySizeStayFinite(Devices.Choice choice) {
        int[] s = {1, 1, 2, 3, 1, 2};
        float[] logits = {1000, -1000, 0, -1000, 900, 1000};
        int[] labels = {1, 2};
        assertLoss(
                "far apart",
                run(choice, s, logits, labels, false)[0],
                TrainingOracle.crossEntropy(Comparison.widened(logits), labels, 1, 1, 2, 3, 1, 2));
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void withoutAnyLabelNothingIsLearnt(Devices.Choice choice) {
        int[] s = {2, 3, 4, 5, 6, 8};
        int[] labels = new int[2 * 6 * 8];
        Arrays.fill(labels, 255);
        float[] logits = ThreadCounts.normal(2, 2 * 3 * 4 * 5, 0, 1);
        assertThat(run(choice, s, logits, labels, false)).containsExactly(0f);
        assertThat(run(choice, s, logits, labels, true)).containsOnly(0f);
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void weighsEachLabelByItsClass(Devices.Choice choice) {
        for (int[] s : SHAPES) {
            float[] logits = ThreadCounts.normal(3, s[0] * s[1] * s[2] * s[3], 0, 3);
            int[] labels = labels(s);
            double[] wide = Comparison.widened(logits);
            float[] weights = new float[s[3]];
            for (int c = 0; c < weights.length; c++) {
                weights[c] = 0.25f + c % 4 * 0.5f;
            }
            String what = Arrays.toString(s);
            assertLoss(
                    what,
                    run(choice, s, logits, labels, weights, false)[0],
                    TrainingOracle.crossEntropy(wide, labels, weights, s[0], s[1], s[2], s[4], s[5]));
            assertGradient(
                    what,
                    run(choice, s, logits, labels, weights, true),
                    TrainingOracle.gradient(
                            at -> TrainingOracle.crossEntropy(at, labels, weights, s[0], s[1], s[2], s[4], s[5]),
                            wide));
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void refusesWeightsOfOtherClasses(Devices.Choice choice) {
        int[] s = {1, 2, 2, 3, 4, 4};
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(choice, s, new float[12], new int[16], new float[2], true))
                .withMessageContaining("crossEntropy");
    }

    private static float[] run(Devices.Choice choice, int[] s, float[] logits, int[] labels, boolean gradient) {
        return run(choice, s, logits, labels, null, gradient);
    }

    private static float[] run(
            Devices.Choice choice, int[] s, float[] logits, int[] labels, float[] weights, boolean gradient) {
        return ThreadCounts.floats(choice, device -> {
            Tensor out = device.allocate(s[0], s[1], s[2], s[3]);
            Tensor loss = device.allocate(1);
            device.training()
                    .crossEntropy(
                            device.upload(logits, s[0], s[1], s[2], s[3]),
                            device.upload(labels, s[0], s[4], s[5]),
                            weights == null ? null : device.upload(weights, weights.length),
                            1,
                            out,
                            loss);
            return gradient ? out : loss;
        });
    }
}
