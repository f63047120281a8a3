package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.Oracle;

/** The rotation of queries and keys against double-precision loops, and what it leaves as it is. */
class RopeTest {
    /** Sizes of one case. */
    private record Case(int batch, int tokens, int patches, int heads, int half) {
        float[] qkv() {
            return ThreadCounts.normal(tokens, batch * tokens * 3 * heads * 2 * half, 0, 2);
        }

        float[] angles() {
            return ThreadCounts.normal(half, patches * half, 0, 3);
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracle(Devices.Choice choice) {
        Case[] cases = {
            new Case(1, 1, 1, 1, 1),
            new Case(1, 7, 4, 2, 3),
            new Case(3, 21, 16, 3, 17),
            new Case(2, 205, 200, 6, 32),
            new Case(1, 30, 30, 2, 64)
        };
        for (Case one : cases) {
            float[] angles = one.angles();
            float[] cos = cosines(angles);
            float[] sin = sines(angles);
            double[] expected =
                    Oracle.rope(one.qkv(), one.batch(), one.tokens(), one.heads(), cos, sin, one.patches(), one.half());
            Comparison comparison = Comparison.relative(run(choice, one, cos, sin), expected, Comparison.FORWARD);
            assertThat(comparison.passed()).as(one + ": " + comparison).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void valuesAndTheTokensBeforeStayAsTheyAre(Devices.Choice choice) {
        Case one = new Case(2, 11, 6, 2, 5);
        float[] angles = one.angles();
        float[] before = one.qkv();
        float[] after = run(choice, one, cosines(angles), sines(angles));
        int channels = one.heads() * 2 * one.half();
        for (int row = 0; row < one.batch() * one.tokens(); row++) {
            int start = row * 3 * channels;
            boolean turned = row % one.tokens() >= one.tokens() - one.patches();
            int from = turned ? start + 2 * channels : start;
            assertThat(Arrays.copyOfRange(after, from, start + 3 * channels))
                    .isEqualTo(Arrays.copyOfRange(before, from, start + 3 * channels));
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void aQuarterTurnMovesOneHalfOntoTheOther(Devices.Choice choice) {
        float[] x = ThreadCounts.floats(choice, device -> {
            Tensor qkv = device.upload(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 1, 1, 12);
            device.kernels().rope(device.upload(new float[2], 1, 2), device.upload(new float[] {1, 1}, 1, 2), qkv);
            return qkv;
        });
        assertThat(x).containsExactly(-3, -4, 1, 2, -7, -8, 5, 6, 9, 10, 11, 12);
    }

    private static float[] run(Devices.Choice choice, Case one, float[] cos, float[] sin) {
        return ThreadCounts.floats(choice, device -> {
            Tensor qkv = device.upload(one.qkv(), one.batch(), one.tokens(), 3 * one.heads() * 2 * one.half());
            Tensor cosines = device.upload(cos, one.patches(), one.half());
            device.kernels().rope(cosines, device.upload(sin, one.patches(), one.half()), qkv);
            return qkv;
        });
    }

    private static float[] cosines(float[] angles) {
        float[] out = new float[angles.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) Math.cos(angles[i]);
        }
        return out;
    }

    private static float[] sines(float[] angles) {
        float[] out = new float[angles.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) Math.sin(angles[i]);
        }
        return out;
    }
}
