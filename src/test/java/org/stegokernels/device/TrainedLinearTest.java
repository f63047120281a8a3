package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.stegokernels.testing.Gradients.assertForward;
import static org.stegokernels.testing.Gradients.assertGradient;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Oracle;
import org.stegokernels.verify.TrainingOracle;

/** Linear layers whose weights are trained, and their backward, against double-precision loops. */
class TrainedLinearTest {
    /** Rows, inputs, outputs: around register tiles, panels, and the chunks that sums over rows are cut into. */
    private static final int[][] SHAPES = {
        {1, 1, 1}, {7, 30, 5}, {9, 77, 33}, {257, 16, 32}, {300, 70, 11}, {4097, 20, 17}, {5000, 64, 9}
    };

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void matchesTheOracle(Devices.Choice choice) {
        for (int[] s : SHAPES) {
            float[] x = ThreadCounts.normal(1, s[0] * s[1], 0, 1);
            float[] weight = ThreadCounts.normal(2, s[2] * s[1], 0, 1);
            float[] bias = ThreadCounts.normal(3, s[2], 0, 1);
            float[] out = ThreadCounts.floats(choice, device -> {
                Tensor to = device.upload(ThreadCounts.normal(4, s[0] * s[2], 0, 1), s[0], s[2]);
                device.training()
                        .linear(
                                device.upload(x, s[0], s[1]),
                                device.upload(weight, s[2], s[1]),
                                device.upload(bias, s[2]),
                                Activation.RELU,
                                to,
                                to);
                return to;
            });
            float[] added = ThreadCounts.normal(4, s[0] * s[2], 0, 1);
            double[] expected = Oracle.linear(x, weight, bias, Activation.RELU, added, s[1], s[2]);
            assertForward(Arrays.toString(s), out, expected);
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void gradientsMatchTheOracle(Devices.Choice choice) {
        for (int[] s : SHAPES) {
            float[] x = ThreadCounts.normal(1, s[0] * s[1], 0, 1);
            float[] weight = ThreadCounts.normal(2, s[2] * s[1], 0, 1);
            float[] g = ThreadCounts.normal(3, s[0] * s[2], 0.1, 1);
            float[] ones = new float[s[0]];
            Arrays.fill(ones, 1);
            String what = Arrays.toString(s);
            assertGradient(
                    what + " input",
                    gradients(choice, s, x, weight, g, 0),
                    TrainingOracle.product(g, weight, s[0], s[2], s[1]));
            assertGradient(
                    what + " weight",
                    gradients(choice, s, x, weight, g, 1),
                    TrainingOracle.transposedProduct(g, x, s[0], s[2], s[1]));
            assertGradient(
                    what + " bias",
                    gradients(choice, s, x, weight, g, 2),
                    TrainingOracle.transposedProduct(ones, g, s[0], 1, s[2]));
        }
    }

    private static float[] gradients(Devices.Choice choice, int[] s, float[] x, float[] weight, float[] g, int which) {
        return ThreadCounts.floats(choice, device -> {
            Tensor[] out = {device.allocate(s[0], s[1]), device.allocate(s[2], s[1]), device.allocate(s[2])};
            device.training()
                    .linearGradient(
                            device.upload(x, s[0], s[1]),
                            device.upload(weight, s[2], s[1]),
                            device.upload(g, s[0], s[2]),
                            out[0],
                            out[1],
                            out[2]);
            return out[which];
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void namesTheShapesThatDoNotFit(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Tensor x = device.allocate(3, 4);
            Tensor weight = device.allocate(2, 5);
            Tensor out = device.allocate(3, 2);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.training().linear(x, weight, null, Activation.NONE, null, out))
                    .withMessageContainingAll("linear", "[3, 4]", "[2, 5]");
        }
    }
}
