package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.Overlay.Legend;

class LegendTest {
    private static final Palette PALETTE = new Palette(new int[] {0xE02020, 0x2020E0, 0x20C020});

    private static RgbImage grey(int width, int height) {
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

    private static int pixel(RgbImage image, int x, int y) {
        int at = 3 * (y * image.width() + x);
        return (image.rgb()[at] & 0xFF) << 16 | (image.rgb()[at + 1] & 0xFF) << 8 | image.rgb()[at + 2] & 0xFF;
    }

    private static boolean contains(RgbImage image, int color) {
        for (int i = 0; i < image.pixels(); i++) {
            if (pixel(image, i % image.width(), i / image.width()) == color) {
                return true;
            }
        }
        return false;
    }

    /** The widths of the empty columns between what the panel below shows, from the left. */
    private static List<Integer> gaps(RgbImage whole, int top) {
        int panel = pixel(whole, 0, top);
        List<Integer> gaps = new ArrayList<>();
        int empty = -1;
        for (int x = 0; x < whole.width(); x++) {
            boolean used = false;
            for (int y = top; y < whole.height(); y++) {
                used |= pixel(whole, x, y) != panel;
            }
            if (used && empty > 0) {
                gaps.add(empty);
            }
            empty = used ? 0 : empty < 0 ? -1 : empty + 1;
        }
        return gaps;
    }

    @ParameterizedTest
    @CsvSource({"20, 10", "300, 225", "225, 300", "1200, 900"})
    void thePictureStaysWholeAboveTheLegend(int width, int height) {
        RgbImage picture = grey(width, height);
        RgbImage whole = Legend.below(picture, columns(width, height), PALETTE, List.of("roof", "sea"));
        assertThat(whole.width()).isEqualTo(width);
        assertThat(whole.height()).isGreaterThan(height);
        assertThat(Arrays.copyOf(whole.rgb(), picture.rgb().length)).isEqualTo(picture.rgb());
    }

    @Test
    void showsTheColoursOfTheClassesThatOccur() {
        RgbImage whole = Legend.below(grey(300, 225), columns(300, 225), PALETTE, List.of("roof", "sea"));
        assertThat(contains(whole, PALETTE.color(0))).isTrue();
        assertThat(contains(whole, PALETTE.color(1))).isTrue();
        assertThat(contains(whole, PALETTE.color(2))).isFalse();
        assertThat(contains(whole, 0xFFFFFF)).as("text").isTrue();
    }

    @Test
    void readsTheNames() {
        RgbImage picture = grey(300, 225);
        LabelMap labels = columns(300, 225);
        byte[] named =
                Legend.below(picture, labels, PALETTE, List.of("roof", "sea")).rgb();
        byte[] other =
                Legend.below(picture, labels, PALETTE, List.of("roof", "tea")).rgb();
        byte[] numbered = Legend.below(picture, labels, PALETTE, List.of()).rgb();
        byte[] numberedToo =
                Legend.below(picture, labels, PALETTE, List.of("0", "1")).rgb();
        assertThat(named).isNotEqualTo(other).isNotEqualTo(numbered);
        assertThat(numbered).isEqualTo(numberedToo);
    }

    /** "class 1" and "19%" must not read as "class 119%". */
    @Test
    void theShareStandsApartFromTheName() {
        int width = 900;
        int height = 600;
        LabelMap labels = new LabelMap(width, height, new byte[width * height]);
        RgbImage whole = Legend.below(grey(width, height), labels, PALETTE, List.of("1 1"));
        List<Integer> gaps = gaps(whole, height);
        // After the square, between the words of the name, before "100%", and between its signs.
        assertThat(gaps.get(2)).as("the gap before the share, of %s", gaps).isGreaterThan(gaps.get(1));
    }

    @Test
    void aPictureWithoutClassesHasNoLegend() {
        byte[] ignored = new byte[60 * 40];
        Arrays.fill(ignored, (byte) LabelMap.IGNORE);
        RgbImage picture = grey(60, 40);
        assertThat(Legend.below(picture, new LabelMap(60, 40, ignored), PALETTE, List.of()))
                .isSameAs(picture);
    }

    @ParameterizedTest
    @CsvSource({"96, 96", "300, 225", "2000, 300"})
    void moreClassesThanFitAreCounted(int width, int height) {
        byte[] labels = new byte[width * height];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) (i % 254);
        }
        RgbImage whole = Legend.below(
                grey(width, height),
                new LabelMap(width, height, labels),
                new Palette(new int[1]),
                List.of("a name that is wider than the picture itself"));
        assertThat(whole.height()).isBetween(height + 1, 3 * height / 2 + 1);
        assertThat(contains(whole, 0xFFFFFF)).isTrue();
    }
}
