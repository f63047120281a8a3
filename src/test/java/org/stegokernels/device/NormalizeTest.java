package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.testing.ReferenceVectors.assertClose;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.Oracle;
import org.stegokernels.weights.Safetensors;

/** Rows to unit length, against double-precision loops and the reference vectors. */
class NormalizeTest {
    private static final int[] CHANNELS = {1, 3, 15, 16, 17, 27, 31, 32, 33, 70, 384};

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracleInPlaceAndNot(Devices.Choice choice) {
        for (int channels : CHANNELS) {
            int rows = 3 + 40_000 / channels;
            float[] x = ThreadCounts.normal(channels, rows * channels, 0.2, 2);
            check(channels + " channels", run(choice, x, channels, false), Oracle.normalize(x, channels, 1e-10f));
            check(
                    channels + " channels in place",
                    run(choice, x, channels, true),
                    Oracle.normalize(x, channels, 1e-10f));
        }
    }

    private static float[] run(Devices.Choice choice, float[] x, int channels, boolean inPlace) {
        return ThreadCounts.floats(choice, device -> {
            Tensor in = device.upload(x, x.length / channels, channels);
            Tensor out = inPlace ? in : device.allocate(x.length / channels, channels);
            device.kernels().normalize(in, 1e-10f, out);
            return out;
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void zeroRowsStayZero(Devices.Choice choice) {
        assertThat(run(choice, new float[3 * 27], 27, false)).containsOnly(0f);
        assertThat(run(choice, new float[3 * 5], 5, false)).containsOnly(0f);
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheReference(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Safetensors file = ReferenceVectors.open("ops")) {
            HostTensor x = ReferenceVectors.channelsLast(file.tensor("grid_sample.x"));
            HostTensor y = ReferenceVectors.channelsLast(file.tensor("normalize.y"));
            Tensor out = device.allocate(x.shape().dims());
            device.kernels().normalize(device.upload(x.values(), x.shape().dims()), 1e-10f, out);
            assertClose("normalize", device.floats(out), y.values(), 1e-5);
        }
    }

    private static void check(String what, float[] actual, double[] expected) {
        Comparison comparison = Comparison.relative(actual, expected, Comparison.FORWARD);
        assertThat(comparison.passed()).as(what + ": " + comparison).isTrue();
    }
}
