package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    private static boolean contains(RgbImage image, int color) {
        for (int i = 0; i < image.pixels(); i++) {
            int[] seen = pixel(image, i % image.width(), i / image.width());
            if ((seen[0] << 16 | seen[1] << 8 | seen[2]) == color) {
                return true;
            }
        }
        return false;
    }

    @ParameterizedTest
    @CsvSource({"60, 40", "300, 225", "1200, 900"})
    void regionsTakeTheirColourAndIgnoredOnesNone(int width, int height) {
        RgbImage photograph = photograph(width, height);
        RgbImage overlay = Overlay.render(photograph, columns(width, height), PALETTE, List.of("roof", "sea"));
        assertThat(overlay.width()).isEqualTo(width);
        assertThat(overlay.height()).isEqualTo(height);
        int y = height / 4;
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
        RgbImage overlay = Overlay.render(photograph(width, height), columns(width, height), PALETTE, List.of());
        for (int y = 0; y < height / 2; y++) {
            int[] line = pixel(overlay, width / 3 - 1, y);
            int[] beside = pixel(overlay, width / 3 - 8, y);
            assertThat(line[1]).as("row %d", y).isGreaterThan(beside[1] + 80);
        }
    }

    @Test
    void legendShowsTheColoursOfTheClassesThatOccur() {
        RgbImage overlay = Overlay.render(photograph(300, 225), columns(300, 225), PALETTE, List.of("roof", "sea"));
        assertThat(contains(overlay, PALETTE.color(0))).isTrue();
        assertThat(contains(overlay, PALETTE.color(1))).isTrue();
        assertThat(contains(overlay, PALETTE.color(2))).isFalse();
        assertThat(contains(overlay, 0xFFFFFF)).as("text").isTrue();
    }

    @Test
    void legendReadsTheNames() {
        RgbImage photograph = photograph(300, 225);
        LabelMap labels = columns(300, 225);
        byte[] named = Overlay.render(photograph, labels, PALETTE, List.of("roof", "sea"))
                .rgb();
        byte[] other = Overlay.render(photograph, labels, PALETTE, List.of("roof", "tea"))
                .rgb();
        byte[] numbered = Overlay.render(photograph, labels, PALETTE, List.of()).rgb();
        byte[] numberedToo =
                Overlay.render(photograph, labels, PALETTE, List.of("0", "1")).rgb();
        assertThat(named).isNotEqualTo(other).isNotEqualTo(numbered);
        assertThat(numbered).isEqualTo(numberedToo);
    }

    @Test
    void smallPicturesHaveNoLegend() {
        RgbImage overlay = Overlay.render(photograph(60, 40), columns(60, 40), PALETTE, List.of());
        assertThat(contains(overlay, PALETTE.color(0))).isFalse();
    }

    @Test
    void legendOfMoreClassesThanFitLeavesMostOfThePicture() {
        for (int[] size : new int[][] {{96, 96}, {300, 225}, {2000, 300}}) {
            byte[] labels = new byte[size[0] * size[1]];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = (byte) (i % 254);
            }
            RgbImage plain = photograph(size[0], size[1]);
            LabelMap map = new LabelMap(size[0], size[1], labels);
            Palette black = new Palette(new int[1]);
            RgbImage overlay =
                    Overlay.render(plain, map, black, List.of("a name that is wider than the picture itself"));
            // Above the panel every pixel is tinted black and lined white: no channel reaches the text's white.
            int[] upper = pixel(overlay, size[0] / 2, size[1] * 2 / 3);
            assertThat(upper[0]).isBetween(60, 250);
            assertThat(contains(overlay, 0xFFFFFF)).isTrue();
        }
    }

    @Test
    void differentSizesAreRefused() {
        assertThatThrownBy(() -> Overlay.render(photograph(4, 4), columns(4, 5), PALETTE, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4x5");
    }
}
