package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.testing.ReferenceVectors.assertClose;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.Oracle;
import org.stegokernels.weights.Safetensors;

/** Layer norm against double-precision loops and the reference vectors. */
class LayerNormTest {
    private static final int[] CHANNELS = {1, 3, 15, 16, 17, 27, 31, 32, 33, 70, 384};

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracleInPlaceAndNot(Devices.Choice choice) {
        for (int channels : CHANNELS) {
            int rows = 3 + 40_000 / channels;
            float[] x = ThreadCounts.normal(channels, rows * channels, 1.5, 2);
            float[] gamma = ThreadCounts.normal(1, channels, 1, 0.5);
            float[] beta = ThreadCounts.normal(2, channels, 0, 0.5);
            double[] expected = Oracle.layerNorm(x, gamma, beta, 1e-6f);
            check(channels + " channels", run(choice, x, gamma, beta, false), expected);
            check(channels + " channels in place", run(choice, x, gamma, beta, true), expected);
        }
    }

    private static float[] run(Devices.Choice choice, float[] x, float[] gamma, float[] beta, boolean inPlace) {
        int channels = gamma.length;
        int rows = x.length / channels;
        return ThreadCounts.floats(choice, device -> {
            Tensor in = device.upload(x, rows, channels);
            Tensor out = inPlace ? in : device.allocate(rows, channels);
            device.kernels().layerNorm(in, device.upload(gamma, channels), device.upload(beta, channels), 1e-6f, out);
            return out;
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void largeMeanCostsNoAccuracy(Devices.Choice choice) {
        float[] x = ThreadCounts.normal(5, 50 * 384, 1000, 1);
        float[] gamma = ThreadCounts.normal(6, 384, 1, 0.1);
        float[] beta = new float[384];
        Comparison comparison =
                Comparison.relative(run(choice, x, gamma, beta, false), Oracle.layerNorm(x, gamma, beta, 1e-6f), 1e-4);
        assertThat(comparison.passed()).as(comparison.toString()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheReference(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Safetensors file = ReferenceVectors.open("ops")) {
            Tensor out = device.allocate(37, 90);
            device.kernels()
                    .layerNorm(
                            device.upload(file.floats("layer_norm.x"), 37, 90),
                            device.upload(file.floats("layer_norm.weight"), 90),
                            device.upload(file.floats("layer_norm.bias"), 90),
                            1e-6f,
                            out);
            assertClose("layer_norm", device.floats(out), file.floats("layer_norm.y"), 1e-5);
        }
    }

    private static void check(String what, float[] actual, double[] expected) {
        Comparison comparison = Comparison.relative(actual, expected, Comparison.FORWARD);
        assertThat(comparison.passed()).as(what + ": " + comparison).isTrue();
    }
}
