package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.testing.Gradients.assertGradient;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** Backward of rows brought to length 1, against central differences. */
class NormalizeGradientTest {
    private static final float EPSILON = 1e-10f;

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void matchesCentralDifferences(Devices.Choice choice) {
        for (int channels : new int[] {1, 3, 16, 17, 33, 70}) {
            int rows = 4;
            float[] x = ThreadCounts.normal(channels, rows * channels, 0.2, 2);
            float[] g = ThreadCounts.normal(9, rows * channels, 0, 1);
            float[] out = run(choice, x, g, channels);
            double[] expected = TrainingOracle.gradient(
                    at -> TrainingOracle.dot(TrainingOracle.normalize(at, channels, EPSILON), g),
                    Comparison.widened(x));
            if (channels == 1) {
                assertThat(out).usingComparatorWithPrecision(1e-6f).containsOnly(0f);
            } else {
                assertGradient(channels + " channels", out, expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void aRowOfZerosPassesTheGradientOverEpsilon(Devices.Choice choice) {
        float[] g = {1, -2, 4};
        assertGradient("zeros", run(choice, new float[3], g, 3), new double[] {1e10, -2e10, 4e10});
    }

    private static float[] run(Devices.Choice choice, float[] x, float[] g, int channels) {
        return ThreadCounts.floats(choice, device -> {
            Tensor gradient = device.upload(g, g.length / channels, channels);
            Tensor in = device.upload(x, x.length / channels, channels);
            device.training().normalizeGradient(in, EPSILON, gradient, gradient);
            return gradient;
        });
    }
}
