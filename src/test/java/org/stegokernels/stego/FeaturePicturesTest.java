package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.stegokernels.stego.FeatureExtractor.Pictures;

class FeaturePicturesTest {
    private static final int DARK = 0x440154;
    private static final int BRIGHT = 0xfde725;

    private static int[] colours(float[] weights, int side) {
        byte[] rgb = Pictures.attention(weights, 0, side, side, 1).rgb();
        int[] colours = new int[side * side];
        Arrays.setAll(colours, i -> (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | rgb[3 * i + 2] & 0xff);
        return colours;
    }

    /** One patch in a hundred may draw a thousand times the attention of the others, which are told apart all the same. */
    @Test
    void aPatchThatDrawsAllAttentionDoesNotLeaveTheOthersBlack() {
        float[] weights = new float[400];
        for (int i = 0; i < 396; i++) {
            weights[i] = i;
        }
        Arrays.fill(weights, 396, 400, 400_000);
        int[] colours = colours(weights, 20);
        assertThat(colours[0]).isEqualTo(DARK);
        assertThat(colours[395]).isEqualTo(BRIGHT);
        assertThat(colours[399]).isEqualTo(BRIGHT);
        assertThat(Arrays.stream(colours).distinct().count()).isGreaterThan(250);
    }

    @Test
    void evenAttentionIsDark() {
        float[] weights = new float[16];
        Arrays.fill(weights, 0.25f);
        assertThat(colours(weights, 4)).containsOnly(DARK);
    }

    @Test
    void ofFewPatchesTheMostIsBright() {
        assertThat(colours(new float[] {0, 1, 2, 4}, 2)).startsWith(DARK).endsWith(BRIGHT);
    }
}
