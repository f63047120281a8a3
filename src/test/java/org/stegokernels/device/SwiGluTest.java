package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.Oracle;

/** The gate of SwiGLU against double-precision loops, and where its exponential overflows. */
class SwiGluTest {
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracle(Devices.Choice choice) {
        int[][] cases = {{1, 1}, {5, 7}, {3, 16}, {257, 33}, {50, 4096}};
        for (int[] s : cases) {
            float[] x = ThreadCounts.normal(s[1], s[0] * 2 * s[1], 0, 3);
            Comparison comparison =
                    Comparison.relative(run(choice, x, s[0], s[1]), Oracle.swiGlu(x, s[1]), Comparison.FORWARD);
            assertThat(comparison.passed()).as(comparison.toString()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void farFromZeroTheGateIsOpenOrShut(Devices.Choice choice) {
        float[] x = {-1e30f, -200, 0, 200, 1e30f, Float.NaN, 2, 2, 2, 2, 2, 2};
        float[] out = run(choice, x, 1, 6);
        assertThat(out[0]).isZero();
        assertThat(out[1]).isZero();
        assertThat(out[2]).isZero();
        assertThat(out[3]).isEqualTo(400);
        assertThat(out[4]).isEqualTo(2e30f);
        assertThat(out[5]).isNaN();
    }

    private static float[] run(Devices.Choice choice, float[] x, int rows, int channels) {
        return ThreadCounts.floats(choice, device -> {
            Tensor out = device.allocate(rows, channels);
            device.kernels().swiGlu(device.upload(x, rows, 2 * channels), out);
            return out;
        });
    }
}
