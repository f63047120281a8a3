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

/** GELU against double-precision loops and the reference vectors. */
class GeluTest {
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracleInPlaceAndNot(Devices.Choice choice) {
        for (int count : new int[] {1, 7, 16, 33, 16_384, 50_003}) {
            float[] x = ThreadCounts.normal(count, count, 0, 3);
            check(count + " values", run(choice, x, false), Oracle.gelu(x));
            check(count + " values in place", run(choice, x, true), Oracle.gelu(x));
        }
    }

    private static float[] run(Devices.Choice choice, float[] x, boolean inPlace) {
        return ThreadCounts.floats(choice, device -> {
            Tensor in = device.upload(x, x.length);
            Tensor out = inPlace ? in : device.allocate(x.length);
            device.kernels().gelu(in, out);
            return out;
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheReference(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Safetensors file = ReferenceVectors.open("ops")) {
            float[] x = file.floats("gelu.x");
            Tensor out = device.allocate(x.length);
            device.kernels().gelu(device.upload(x, x.length), out);
            assertClose("gelu", device.floats(out), file.floats("gelu.y"), 1e-5);
        }
    }

    private static void check(String what, float[] actual, double[] expected) {
        Comparison comparison = Comparison.relative(actual, expected, Comparison.FORWARD);
        assertThat(comparison.passed()).as(what + ": " + comparison).isTrue();
    }
}
