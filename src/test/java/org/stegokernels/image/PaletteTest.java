package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.stegokernels.image.LabelMap.Palette;

class PaletteTest {
    private static double distance(int a, int b) {
        double[] p = DistinctColors.oklab(a);
        double[] q = DistinctColors.oklab(b);
        return Math.hypot(Math.hypot(p[0] - q[0], p[1] - q[1]), p[2] - q[2]);
    }

    /** Values of Ottosson's article "A perceptual color space for image processing". */
    @Test
    void oklabOfWhiteRedAndBlue() {
        assertThat(DistinctColors.oklab(0xFFFFFF)).containsExactly(new double[] {1, 0, 0}, near());
        assertThat(DistinctColors.oklab(0xFF0000)).containsExactly(new double[] {0.6280, 0.2249, 0.1258}, near());
        assertThat(DistinctColors.oklab(0x0000FF)).containsExactly(new double[] {0.4520, -0.0325, -0.3115}, near());
    }

    private static org.assertj.core.data.Offset<Double> near() {
        return org.assertj.core.data.Offset.offset(1e-3);
    }

    @Test
    void fewerColoursAreTheBeginningOfMore() {
        int[] all = Palette.distinct(255).rgb();
        for (int n : new int[] {1, 2, 24, 25, 100}) {
            assertThat(Palette.distinct(n).rgb()).isEqualTo(Arrays.copyOf(all, n));
        }
    }

    /** 0.02 is about what the eye just tells apart in Oklab when two colours lie side by side. */
    @Test
    void coloursAreFarApart() {
        int[] all = Palette.distinct(255).rgb();
        for (int i = 0; i < 255; i++) {
            assertThat(distance(all[i], 0x000000)).isGreaterThan(0.1);
            assertThat(distance(all[i], 0xFFFFFF)).isGreaterThan(0.04);
            for (int j = 0; j < i; j++) {
                double least = i < 12 ? 0.13 : i < 24 ? 0.09 : 0.04;
                assertThat(distance(all[i], all[j])).as("%d and %d", i, j).isGreaterThan(least);
            }
        }
    }

    @Test
    void idsBeyondTheLastAreBlack() {
        Palette palette = new Palette(new int[] {0xABCDEF, 0x123456});
        assertThat(palette.size()).isEqualTo(2);
        assertThat(palette.color(1)).isEqualTo(0x123456);
        assertThat(palette.color(2)).isEqualTo(0);
        assertThat(palette.color(LabelMap.IGNORE)).isEqualTo(0);
    }

    @Test
    void impossibleCountsAreRefused() {
        assertThatThrownBy(() -> Palette.distinct(0)).hasMessageContaining("not 0");
        assertThatThrownBy(() -> Palette.distinct(256)).hasMessageContaining("not 256");
        assertThatThrownBy(() -> new Palette(new int[257])).hasMessageContaining("not 257");
    }
}
