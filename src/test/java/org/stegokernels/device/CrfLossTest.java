package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.stegokernels.testing.Gradients.assertGradient;
import static org.stegokernels.testing.Gradients.assertLoss;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** CRF loss against double-precision loops and central differences. */
class CrfLossTest {
    private static final GuidanceSettings SETTINGS = new GuidanceSettings(0.5, 0.15, 0.05, 10, 3, 0.1);

    /** Batch, height, width, colours, channels, points: fewer and more than are multiplied at a time, drawn twice. */
    private static final int[][] SHAPES = {{1, 1, 1, 1, 1, 1}, {2, 5, 6, 3, 7, 50}, {1, 4, 4, 3, 17, 33}};

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void matchesCentralDifferences(Devices.Choice choice) {
        for (int[] s : SHAPES) {
            float[] guidance = ThreadCounts.normal(1, s[0] * s[1] * s[2] * s[3], 0, 0.5);
            float[] code = ThreadCounts.normal(2, s[0] * s[1] * s[2] * s[4], 0, 1);
            Random random = new Random(3);
            int[] points = IntStream.range(0, 2 * s[5])
                    .map(i -> random.nextInt(i < s[5] ? s[1] : s[2]))
                    .toArray();
            double[] wideGuidance = Comparison.widened(guidance);
            double[] wide = Comparison.widened(code);
            String what = Arrays.toString(s);
            assertLoss(
                    what,
                    run(choice, s, guidance, code, points, false)[0],
                    TrainingOracle.crfLoss(wideGuidance, wide, s[0], s[1], s[2], points, SETTINGS));
            assertGradient(
                    what,
                    run(choice, s, guidance, code, points, true),
                    TrainingOracle.gradient(
                            at -> TrainingOracle.crfLoss(wideGuidance, at, s[0], s[1], s[2], points, SETTINGS), wide));
        }
    }

    private static float[] run(
            Devices.Choice choice, int[] s, float[] guidance, float[] code, int[] points, boolean gradient) {
        return ThreadCounts.floats(choice, device -> {
            Tensor out = device.allocate(s[0], s[1], s[2], s[4]);
            Tensor loss = device.allocate(1);
            device.training()
                    .crfLoss(
                            device.upload(guidance, s[0], s[1], s[2], s[3]),
                            device.upload(code, s[0], s[1], s[2], s[4]),
                            device.upload(points, 2, s[5]),
                            SETTINGS,
                            1,
                            out,
                            loss);
            return gradient ? out : loss;
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void aPointOutsideIsNamed(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Tensor guidance = device.allocate(1, 3, 4, 3);
            Tensor code = device.allocate(1, 3, 4, 2);
            Tensor points = device.upload(new int[] {0, 2, 0, 4}, 2, 2);
            Tensor gradient = device.allocate(1, 3, 4, 2);
            Tensor loss = device.allocate(1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.training().crfLoss(guidance, code, points, SETTINGS, 1, gradient, loss))
                    .withMessageContaining("point 1 at row 2, column 4");
        }
    }
}
