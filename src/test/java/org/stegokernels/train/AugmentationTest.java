package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.stegokernels.image.RgbImage;

/** Augmented images show what their coordinates say; colours change as torchvision defines. */
class AugmentationTest {
    private static final int SIDE = 60;

    /** A white square on black. */
    private static RgbImage spot(int left, int top, int size) {
        byte[] rgb = new byte[3 * SIDE * SIDE];
        for (int y = top; y < top + size; y++) {
            for (int x = left; x < left + size; x++) {
                for (int c = 0; c < 3; c++) {
                    rgb[3 * (y * SIDE + x) + c] = (byte) 255;
                }
            }
        }
        return new RgbImage(SIDE, SIDE, rgb);
    }

    /** Mean column and row of what is brighter than the darkest. */
    private static double[] middle(RgbImage image) {
        int darkest = 255;
        for (byte value : image.rgb()) {
            darkest = Math.min(darkest, value & 0xFF);
        }
        double sum = 0;
        double x = 0;
        double y = 0;
        for (int i = 0; i < image.pixels(); i++) {
            double bright = (image.rgb()[3 * i + 1] & 0xFF) - darkest;
            sum += bright;
            x += bright * (i % SIDE);
            y += bright * (i / SIDE);
        }
        return new double[] {x / sum, y / sum};
    }

    @Test
    void placesAreThoseOfTheOriginal() {
        RgbImage original = spot(17, 31, 8);
        double[] expected = middle(original);
        boolean mirrored = false;
        boolean straight = false;
        for (int seed = 0; seed < 60; seed++) {
            Augmentation augmentation = Augmentation.of(original, new SplittableRandom(seed));
            double[] found = middle(augmentation.image());
            assertThat(augmentation.sourceX(found[0])).isCloseTo(expected[0], within(0.6));
            assertThat(augmentation.sourceY(found[1])).isCloseTo(expected[1], within(0.6));
            double area = (double) augmentation.width() * augmentation.height() / (SIDE * SIDE);
            assertThat(area).isBetween(0.77, 1.0);
            mirrored |= augmentation.mirrored();
            straight |= !augmentation.mirrored();
        }
        assertThat(mirrored && straight).isTrue();
    }

    @Test
    void hueTurnsAsInHsv() {
        Random random = new Random(1);
        for (int i = 0; i < 500; i++) {
            float[] rgb = {random.nextFloat(), random.nextFloat(), random.nextFloat()};
            float turn = 0.2f * random.nextFloat() - 0.1f;
            int[] bytes = {Math.round(255 * rgb[0]), Math.round(255 * rgb[1]), Math.round(255 * rgb[2])};
            float[] hsb = Color.RGBtoHSB(bytes[0], bytes[1], bytes[2], null);
            Color expected = new Color(Color.HSBtoRGB(hsb[0] + turn, hsb[1], hsb[2]));
            float[] actual = {bytes[0] / 255f, bytes[1] / 255f, bytes[2] / 255f};
            Augmentation.turnHue(actual, turn);
            assertThat(255 * actual[0]).isCloseTo(expected.getRed(), within(1f));
            assertThat(255 * actual[1]).isCloseTo(expected.getGreen(), within(1f));
            assertThat(255 * actual[2]).isCloseTo(expected.getBlue(), within(1f));
        }
    }

    @Test
    void saturationAndBrightness() {
        float[] rgb = {0.2f, 0.6f, 0.9f};
        Augmentation.saturate(rgb, 0);
        double grey = 0.2989 * 0.2 + 0.587 * 0.6 + 0.114 * 0.9;
        assertThat(rgb[0]).isCloseTo((float) grey, within(1e-6f));
        assertThat(rgb[2]).isCloseTo((float) grey, within(1e-6f));
        float[] bright = {0.2f, 0.6f, 0.9f};
        Augmentation.blend(bright, 1.3f, 0);
        assertThat(bright).containsExactly(new float[] {0.26f, 0.78f, 1}, within(1e-6f));
    }

    @Test
    void blurIsAConvolutionWithMirroredBorders() {
        int width = 7;
        int height = 6;
        Random random = new Random(2);
        float[] rgb = new float[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = random.nextFloat();
        }
        float[] actual = Augmentation.blur(rgb, width, height, 1.3);
        for (int at = 0; at < rgb.length; at++) {
            int x = at / 3 % width;
            int y = at / 3 / width;
            double sum = 0;
            double weights = 0;
            for (int dy = -2; dy <= 2; dy++) {
                for (int dx = -2; dx <= 2; dx++) {
                    double weight = Math.exp(-(dx * dx + dy * dy) / (2 * 1.3 * 1.3));
                    int column = Math.abs(x + dx) < width ? Math.abs(x + dx) : 2 * width - 2 - x - dx;
                    int row = Math.abs(y + dy) < height ? Math.abs(y + dy) : 2 * height - 2 - y - dy;
                    sum += weight * rgb[3 * (row * width + column) + at % 3];
                    weights += weight;
                }
            }
            assertThat((double) actual[at]).isCloseTo(sum / weights, within(1e-5));
        }
    }
}
