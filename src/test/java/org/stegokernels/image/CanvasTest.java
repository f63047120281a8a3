package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CanvasTest {
    private static RgbImage black(int width, int height) {
        return new RgbImage(width, height, new byte[3 * width * height]);
    }

    @Test
    void fillBlendsInsideOnly() {
        RgbImage image = black(4, 3);
        new Canvas(image, 7).fill(2, 1, 10, 10, 0xFF8040, 0.5f);
        for (int i = 0; i < 12; i++) {
            boolean inside = i % 4 >= 2 && i / 4 >= 1;
            assertThat(image.rgb()[3 * i] & 0xFF).isEqualTo(inside ? 128 : 0);
            assertThat(image.rgb()[3 * i + 1] & 0xFF).isEqualTo(inside ? 64 : 0);
            assertThat(image.rgb()[3 * i + 2] & 0xFF).isEqualTo(inside ? 32 : 0);
        }
    }

    /** The letter I is an upright bar: its middle rows are full ink, what lies beside is not touched. */
    @Test
    void textIsDrawnWhereItIsPut() {
        RgbImage image = black(40, 40);
        Canvas canvas = new Canvas(image, 24);
        canvas.text(10, 8, "I", 0xFFFFFF);
        int inked = 0;
        for (int x = 0; x < 40; x++) {
            int value = image.rgb()[3 * (20 * 40 + x)] & 0xFF;
            inked += value;
            if (x < 9 || x > 15) {
                assertThat(value).isZero();
            }
        }
        assertThat(inked / 255.0).isBetween(3.0, 4.0);
        assertThat(image.rgb()[3 * (2 * 40 + 11)]).isZero();
        assertThat(image.rgb()[3 * (37 * 40 + 11)]).isZero();
    }

    @Test
    void textBeyondTheEdgesIsCutOff() {
        for (int[] at : new int[][] {{-20, -3}, {35, 5}, {5, 18}, {100, 100}, {-500, 0}}) {
            new Canvas(black(40, 20), 12).text(at[0], at[1], "Wg|@", 0xFFFFFF);
        }
        RgbImage image = black(40, 20);
        new Canvas(image, 12).text(-4, 3, "M", 0xFFFFFF);
        int ink = 0;
        for (byte value : image.rgb()) {
            ink += value & 0xFF;
        }
        assertThat(ink).isPositive();
    }

    @Test
    void widthCoversTheInk() {
        RgbImage image = black(200, 60);
        Canvas canvas = new Canvas(image, 30);
        canvas.text(0, 10, "Wave", 0xFFFFFF);
        int rightmost = 0;
        for (int i = 0; i < image.pixels(); i++) {
            rightmost = image.rgb()[3 * i] != 0 ? Math.max(rightmost, i % 200) : rightmost;
        }
        assertThat(canvas.width("Wave")).isBetween(rightmost, rightmost + 4);
    }
}
