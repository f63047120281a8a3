package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.Oracle;

/** Mirror mean against a plain loop. */
class MirrorMeanTest {
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracle(Devices.Choice choice) {
        for (int[] s : new int[][] {{1, 1, 1}, {4, 5, 3}, {6, 7, 16}, {7, 4, 27}, {40, 41, 70}}) {
            float[] x = ThreadCounts.normal(s[2], 2 * s[0] * s[1] * s[2], 0, 1);
            float[] out = ThreadCounts.floats(choice, device -> {
                Tensor to = device.allocate(s[0], s[1], s[2]);
                device.kernels().mirrorMean(device.upload(x, 2, s[0], s[1], s[2]), to);
                return to;
            });
            Comparison comparison =
                    Comparison.relative(out, Oracle.mirrorMean(x, s[0], s[1], s[2]), Comparison.FORWARD);
            assertThat(comparison.passed()).as(comparison.toString()).isTrue();
        }
    }
}
