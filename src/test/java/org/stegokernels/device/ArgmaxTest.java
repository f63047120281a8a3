package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Oracle;

/** Argmax against a plain loop. */
class ArgmaxTest {
    private static final int[] CHANNELS = {1, 3, 15, 16, 17, 27, 31, 32, 33, 70, 384};

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracleWithManyTies(Devices.Choice choice) {
        for (int channels : CHANNELS) {
            int rows = 3 + 40_000 / channels;
            float[] x = ThreadCounts.normal(channels, rows * channels, -2, 1.5);
            for (int i = 0; i < x.length / 2; i++) {
                x[i] = Math.round(x[i]);
            }
            assertThat(run(choice, x, channels)).as(channels + " channels").isEqualTo(Oracle.argmax(x, channels));
        }
    }

    private static int[] run(Devices.Choice choice, float[] x, int channels) {
        return ThreadCounts.ints(choice, device -> {
            Tensor out = device.upload(new int[x.length / channels], x.length / channels);
            device.kernels().argmax(device.upload(x, x.length / channels, channels), out);
            return out;
        });
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void infinitiesAreValuesAndNaNIsPassedOver(Devices.Choice choice) {
        for (int channels : new int[] {3, 20, 35}) {
            float[] x = new float[5 * channels];
            Arrays.fill(x, 0, 2 * channels, Float.NaN);
            x[channels + 2] = -7;
            Arrays.fill(x, 2 * channels, 3 * channels, Float.NEGATIVE_INFINITY);
            x[3 * channels + channels - 1] = Float.POSITIVE_INFINITY;
            Arrays.fill(x, 4 * channels, 5 * channels, -0f);
            x[5 * channels - 1] = 0f;
            assertThat(run(choice, x, channels)).containsExactly(0, 2, 0, channels - 1, 0);
        }
    }
}
