package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.Oracle;

/** Slice against a plain loop. */
class SliceTest {
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracle(Devices.Choice choice) {
        int[][] cases = {{2, 5, 17, 1, 3, 4, 9}, {1, 785, 1152, 1, 384, 784, 384}, {3, 7, 27, 0, 0, 7, 27}};
        for (int[] s : cases) {
            float[] x = ThreadCounts.normal(s[2], s[0] * s[1] * s[2], 0, 1);
            float[] out = ThreadCounts.floats(choice, device -> {
                Tensor to = device.allocate(s[0], s[5], s[6]);
                device.kernels().slice(device.upload(x, s[0], s[1], s[2]), s[3], s[4], to);
                return to;
            });
            Comparison comparison = Comparison.relative(
                    out, Oracle.slice(x, s[0], s[1], s[2], s[3], s[4], s[5], s[6]), Comparison.EXACT);
            assertThat(comparison.passed()).as(comparison.toString()).isTrue();
        }
    }
}
