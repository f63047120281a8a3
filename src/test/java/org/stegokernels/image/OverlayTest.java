package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.image.LabelMap.Palette;

class OverlayTest {
    private static final Palette PALETTE = new Palette(new int[] {0xE02020, 0x2020E0, 0x20C020});

    private static RgbImage photograph(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        Arrays.fill(rgb, (byte) 128);
        return new RgbImage(width, height, rgb);
    }

    /** Three columns: class 0, class 1, ignored. */
    private static LabelMap columns(int width, int height) {
        byte[] labels = new byte[width * height];
        for (int i = 0; i < labels.length; i++) {
            int column = 3 * (i % width) / width;
            labels[i] = (byte) (column == 2 ? LabelMap.IGNORE : column);
        }
        return new LabelMap(width, height, labels);
    }

    private static int[] pixel(RgbImage image, int x, int y) {
        int at = 3 * (y * image.width() + x);
        return new int[] {image.rgb()[at] & 0xFF, image.rgb()[at + 1] & 0xFF, image.rgb()[at + 2] & 0xFF};
    }

    @ParameterizedTest
    @CsvSource({"60, 40", "300, 225", "1200, 900"})
    void regionsTakeTheirColourAndIgnoredOnesNone(int width, int height) {
        RgbImage photograph = photograph(width, height);
        RgbImage overlay = Overlay.render(photograph, columns(width, height), PALETTE);
        assertThat(overlay.width()).isEqualTo(width);
        assertThat(overlay.height()).isEqualTo(height);
        int y = height - 1;
        int[] red = pixel(overlay, width / 6, y);
        assertThat(red[0]).isGreaterThan(160);
        assertThat(red[1]).isLessThan(100).isEqualTo(red[2]);
        int[] blue = pixel(overlay, width / 2, y);
        assertThat(blue[2]).isGreaterThan(160);
        assertThat(blue[0]).isLessThan(100);
        assertThat(pixel(overlay, 5 * width / 6, y)).containsOnly(128);
        assertThat(photograph.rgb()).containsOnly(128);
    }

    @ParameterizedTest
    @CsvSource({"60, 40", "300, 225", "1200, 900"})
    void aLightLineRunsBetweenRegions(int width, int height) {
        RgbImage overlay = Overlay.render(photograph(width, height), columns(width, height), PALETTE);
        for (int y = 0; y < height; y++) {
            int[] line = pixel(overlay, width / 3 - 1, y);
            int[] beside = pixel(overlay, width / 3 - 8, y);
            assertThat(line[1]).as("row %d", y).isGreaterThan(beside[1] + 80);
        }
    }

    @Test
    void differentSizesAreRefused() {
        assertThatThrownBy(() -> Overlay.render(photograph(4, 4), columns(4, 5), PALETTE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4x5");
    }
}
