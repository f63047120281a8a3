package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
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

/** Softmax and its logarithm against double-precision loops and the reference vectors. */
class SoftmaxTest {
    private static final int[] CHANNELS = {1, 3, 15, 16, 17, 27, 31, 32, 33, 70, 384};

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracleInPlaceAndNot(Devices.Choice choice) {
        for (int channels : CHANNELS) {
            int rows = 3 + 40_000 / channels;
            float[] x = ThreadCounts.normal(channels, rows * channels, 3, 4);
            for (float scale : new float[] {2f, -0.5f}) {
                double[] expected = Oracle.softmax(x, channels, scale);
                double[] logarithm = Oracle.logSoftmax(x, channels, scale);
                String what = channels + " channels, scale " + scale;
                check(what, run(choice, x, channels, scale, false, false), expected);
                check(what + ", in place", run(choice, x, channels, scale, false, true), expected);
                check(what + ", logarithm", run(choice, x, channels, scale, true, false), logarithm);
                check(what + ", logarithm in place", run(choice, x, channels, scale, true, true), logarithm);
            }
        }
    }

    private static float[] run(
            Devices.Choice choice, float[] x, int channels, float scale, boolean logarithm, boolean inPlace) {
        return ThreadCounts.floats(choice, device -> {
            Tensor in = device.upload(x, x.length / channels, channels);
            Tensor out = inPlace ? in : device.allocate(x.length / channels, channels);
            if (logarithm) {
                device.kernels().logSoftmax(in, scale, out);
            } else {
                device.kernels().softmax(in, scale, out);
            }
            return out;
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void largeValuesDoNotOverflow(Devices.Choice choice) {
        float[] x = new float[2 * 20];
        x[3] = 3e38f;
        x[20 + 7] = 1000;
        float[] out = run(choice, x, 20, 1, false, false);
        assertThat(out[3]).isEqualTo(1f);
        assertThat(out[20 + 7]).isEqualTo(1f);
        assertThat(out[4]).isZero();
        assertThat(run(choice, x, 20, 1, true, false)[20]).isEqualTo(-1000f);
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void minusInfinityGetsNothingAndNaNSpoilsOnlyItsRow(Devices.Choice choice) {
        for (int channels : new int[] {5, 20}) {
            float[] x = new float[3 * channels];
            x[1] = Float.NEGATIVE_INFINITY;
            x[channels + channels - 1] = Float.NaN;
            float[] out = run(choice, x, channels, 1, false, false);
            assertThat(out[1]).isZero();
            assertThat(out[0]).isCloseTo(1f / (channels - 1), within(1e-6f));
            for (int c = 0; c < channels; c++) {
                assertThat(out[channels + c]).isNaN();
                assertThat(out[2 * channels + c]).isCloseTo(1f / channels, within(1e-6f));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheReference(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Safetensors file = ReferenceVectors.open("ops")) {
            Tensor x = device.upload(file.floats("softmax.x"), 9, 33);
            Tensor out = device.allocate(9, 33);
            device.kernels().softmax(x, 1, out);
            assertClose("softmax", device.floats(out), file.floats("softmax.y"), 1e-5);
            device.kernels().logSoftmax(x, 1, out);
            assertClose("log_softmax", device.floats(out), file.floats("log_softmax.y"), 1e-5);
        }
    }

    private static void check(String what, float[] actual, double[] expected) {
        Comparison comparison = Comparison.relative(actual, expected, Comparison.FORWARD);
        assertThat(comparison.passed()).as(what + ": " + comparison).isTrue();
    }
}
