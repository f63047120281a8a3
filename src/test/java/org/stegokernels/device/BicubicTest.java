package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.testing.ReferenceVectors.assertClose;

import java.util.Arrays;
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

/** Bicubic resize against double-precision loops and the reference vectors. */
class BicubicTest {
    /** Batch, height, width, channels, output height and width. */
    private static final int[][] SHAPES = {
        {1, 1, 1, 1, 1, 1},
        {1, 1, 2, 27, 5, 3},
        {2, 7, 5, 3, 13, 21},
        {1, 9, 4, 15, 4, 9},
        {1, 6, 6, 16, 48, 48},
        {1, 10, 13, 27, 81, 99},
        {2, 10, 9, 70, 31, 40},
        {1, 14, 14, 384, 20, 17},
    };

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracle(Devices.Choice choice) {
        for (int[] s : SHAPES) {
            float[] x = ThreadCounts.normal(s[3], s[0] * s[1] * s[2] * s[3], 0.3, 2);
            double scaleY = (s[4] + 0.1) / s[1];
            double scaleX = (s[5] + 0.1) / s[2];
            float[] out = ThreadCounts.floats(choice, device -> {
                Tensor to = device.allocate(s[0], s[4], s[5], s[3]);
                device.kernels().bicubic(device.upload(x, s[0], s[1], s[2], s[3]), scaleY, scaleX, to);
                return to;
            });
            check(Arrays.toString(s), out, Oracle.bicubic(x, s[0], s[1], s[2], s[3], scaleY, scaleX, s[4], s[5]));
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheReference(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Safetensors file = ReferenceVectors.open("ops")) {
            HostTensor x = ReferenceVectors.channelsLast(file.tensor("grid_sample.x"));
            HostTensor y = ReferenceVectors.channelsLast(file.tensor("bicubic.y"));
            double[] scale = file.doubles("bicubic.scale");
            Tensor out = device.allocate(y.shape().dims());
            device.kernels().bicubic(device.upload(x.values(), x.shape().dims()), scale[0], scale[1], out);
            assertClose("bicubic", device.floats(out), y.values(), 1e-5);
        }
    }

    private static void check(String what, float[] actual, double[] expected) {
        Comparison comparison = Comparison.relative(actual, expected, Comparison.FORWARD);
        assertThat(comparison.passed()).as(what + ": " + comparison).isTrue();
    }
}
