package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.testing.Gradients.assertGradient;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** Backward of the softmax, against central differences. */
class SoftmaxGradientTest {
    private static final int ROWS = 5;

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void matchesCentralDifferences(Devices.Choice choice) {
        for (int channels : new int[] {2, 11, 16, 17, 33, 70}) {
            float scale = channels == 11 ? 10 : 1.5f;
            float[] x = ThreadCounts.normal(channels, ROWS * channels, 0, 1 / scale);
            float[] g = ThreadCounts.normal(9, ROWS * channels, 0, 1);
            float[] out = ThreadCounts.floats(choice, device -> {
                Tensor y = device.allocate(ROWS, channels);
                device.kernels().softmax(device.upload(x, ROWS, channels), scale, y);
                Tensor gradient = device.upload(g, ROWS, channels);
                device.training().softmaxGradient(y, scale, gradient, gradient);
                return gradient;
            });
            assertGradient(
                    channels + " channels",
                    out,
                    TrainingOracle.gradient(
                            at -> TrainingOracle.dot(TrainingOracle.softmax(at, channels, scale), g),
                            Comparison.widened(x)));
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void aCertainRowPassesNothing(Devices.Choice choice) {
        float[] out = ThreadCounts.floats(choice, device -> {
            Tensor gradient = device.upload(new float[] {1, -2, 4}, 1, 3);
            device.training().softmaxGradient(device.upload(new float[] {0, 1, 0}, 1, 3), 10, gradient, gradient);
            return gradient;
        });
        assertThat(out).usingComparatorWithPrecision(1e-6f).containsOnly(0f);
    }
}
