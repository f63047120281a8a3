package org.stegokernels.train;

import java.util.random.RandomGenerator;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;

/**
 * The augmentations of the published training, with torchvision's definitions: mirrored or not, a crop of 80 to 100% of
 * the area resized to the whole, brightness, contrast and saturation within 30%, hue within a tenth of the circle, grey in
 * one of five, blurred in one of two. On colours from 0 to 1; the published code has normalised ones there, which the same
 * operations clip to that range.
 *
 * @param image of the same size as the original
 * @param mirrored whether left and right were swapped, before the crop
 * @param left first column of the crop, in the mirrored image
 * @param top first row of the crop
 */
record Augmentation(RgbImage image, boolean mirrored, int left, int top, int width, int height) {
    private static final double MIRRORED = 0.5;
    private static final double SMALLEST_AREA = 0.8;
    private static final double NARROWEST = 3.0 / 4;
    private static final int ATTEMPTS = 10;
    private static final double JITTER = 0.3;
    private static final double HUE = 0.1;
    private static final double GREY = 0.2;
    private static final double BLURRED = 0.5;
    private static final double SMALLEST_BLUR = 0.1;
    private static final double LARGEST_BLUR = 2;
    private static final int BLUR_RADIUS = 2;
    private static final int JITTERS = 4;

    /** Returns a random augmentation of a square image. */
    static Augmentation of(RgbImage original, RandomGenerator random) {
        int width = original.width();
        int height = original.height();
        boolean mirrored = random.nextDouble() < MIRRORED;
        RgbImage source = mirrored ? mirror(original) : original;
        int[] box = box(width, height, random);
        RgbImage crop = Resize.crop(source, box[0], box[1], box[2], box[3]);
        RgbImage resized = Resize.antialiased(crop, width, height);
        return new Augmentation(photometric(resized, random), mirrored, box[0], box[1], box[2], box[3]);
    }

    /** Returns the column of the original that column {@code x} of the augmented image shows; pixel centres are whole numbers. */
    double sourceX(double x) {
        double inCrop = left + (x + 0.5) * width / image.width() - 0.5;
        return mirrored ? image.width() - 1 - inCrop : inCrop;
    }

    /** Returns the row of the original that row {@code y} of the augmented image shows. */
    double sourceY(double y) {
        return top + (y + 0.5) * height / image.height() - 0.5;
    }

    private static RgbImage mirror(RgbImage image) {
        int width = image.width();
        byte[] mirrored = new byte[image.rgb().length];
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < width; x++) {
                System.arraycopy(image.rgb(), 3 * (y * width + x), mirrored, 3 * (y * width + width - 1 - x), 3);
            }
        }
        return new RgbImage(width, image.height(), mirrored);
    }

    /** Draws left, top, width, height; the whole if no draw fits. */
    private static int[] box(int width, int height, RandomGenerator random) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            double area = width * height * (SMALLEST_AREA + (1 - SMALLEST_AREA) * random.nextDouble());
            double aspect = Math.exp(Math.log(NARROWEST) * (1 - 2 * random.nextDouble()));
            int w = (int) Math.round(Math.sqrt(area * aspect));
            int h = (int) Math.round(Math.sqrt(area / aspect));
            if (w >= 1 && w <= width && h >= 1 && h <= height) {
                return new int[] {random.nextInt(width - w + 1), random.nextInt(height - h + 1), w, h};
            }
        }
        return new int[] {0, 0, width, height};
    }

    private static RgbImage photometric(RgbImage image, RandomGenerator random) {
        float[] rgb = new float[image.rgb().length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (image.rgb()[i] & 0xFF) / 255f;
        }
        int[] order = {0, 1, 2, 3};
        for (int i = JITTERS - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int moved = order[i];
            order[i] = order[other];
            order[other] = moved;
        }
        for (int jitter : order) {
            float factor = (float) (1 + JITTER * (2 * random.nextDouble() - 1));
            switch (jitter) {
                case 0 -> blend(rgb, factor, 0);
                case 1 -> blend(rgb, factor, meanGrey(rgb));
                case 2 -> saturate(rgb, factor);
                default -> turnHue(rgb, (float) (HUE / JITTER * (factor - 1)));
            }
        }
        if (random.nextDouble() < GREY) {
            saturate(rgb, 0);
        }
        if (random.nextDouble() < BLURRED) {
            double sigma = SMALLEST_BLUR + (LARGEST_BLUR - SMALLEST_BLUR) * random.nextDouble();
            rgb = blur(rgb, image.width(), image.height(), sigma);
        }
        byte[] bytes = new byte[rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            bytes[i] = (byte) Math.round(255 * rgb[i]);
        }
        return new RgbImage(image.width(), image.height(), bytes);
    }

    /** Returns {@code factor rgb + (1 - factor) other}, kept in 0..1. */
    static void blend(float[] rgb, float factor, float other) {
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = clipped(factor * rgb[i] + (1 - factor) * other);
        }
    }

    private static float clipped(float value) {
        return Math.min(1, Math.max(0, value));
    }

    private static float grey(float[] rgb, int pixel) {
        return 0.2989f * rgb[pixel] + 0.587f * rgb[pixel + 1] + 0.114f * rgb[pixel + 2];
    }

    private static float meanGrey(float[] rgb) {
        double sum = 0;
        for (int pixel = 0; pixel < rgb.length; pixel += 3) {
            sum += grey(rgb, pixel);
        }
        return (float) (3 * sum / rgb.length);
    }

    /** Moves colours away from grey; factor 0 is grey itself. */
    static void saturate(float[] rgb, float factor) {
        for (int pixel = 0; pixel < rgb.length; pixel += 3) {
            float grey = grey(rgb, pixel);
            for (int c = pixel; c < pixel + 3; c++) {
                rgb[c] = clipped(factor * rgb[c] + (1 - factor) * grey);
            }
        }
    }

    /** Adds a part of the circle to the hue, in HSV. */
    static void turnHue(float[] rgb, float turn) {
        for (int pixel = 0; pixel < rgb.length; pixel += 3) {
            float red = rgb[pixel];
            float green = rgb[pixel + 1];
            float blue = rgb[pixel + 2];
            float value = Math.max(red, Math.max(green, blue));
            float chroma = value - Math.min(red, Math.min(green, blue));
            if (chroma > 0) {
                float sixth = value == red
                        ? (green - blue) / chroma
                        : value == green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma;
                float hue = sixth + 6 * turn + 6;
                rgb[pixel] = channel(5, hue, value, chroma);
                rgb[pixel + 1] = channel(3, hue, value, chroma);
                rgb[pixel + 2] = channel(1, hue, value, chroma);
            }
        }
    }

    /** Returns RGB of HSV by the usual closed form; {@code hue} in sixths of the circle. */
    private static float channel(int n, float hue, float value, float chroma) {
        float k = (n + hue) % 6;
        return value - chroma * clipped(Math.min(k, 4 - k));
    }

    /** Blurs with a Gaussian of 5 x 5 taps; what lies outside is mirrored at the border's pixels. */
    static float[] blur(float[] rgb, int width, int height, double sigma) {
        float[] taps = new float[2 * BLUR_RADIUS + 1];
        double sum = 0;
        for (int i = 0; i < taps.length; i++) {
            taps[i] = (float) Math.exp(-0.5 * Math.pow((i - BLUR_RADIUS) / sigma, 2));
            sum += taps[i];
        }
        float[] rows = new float[rgb.length];
        float[] out = new float[rgb.length];
        for (int i = 0; i < taps.length; i++) {
            float tap = (float) (taps[i] / sum);
            int shift = i - BLUR_RADIUS;
            for (int at = 0; at < rgb.length; at++) {
                int x = at / 3 % width;
                rows[at] += tap * rgb[at + 3 * (mirrored(x + shift, width) - x)];
            }
        }
        for (int i = 0; i < taps.length; i++) {
            float tap = (float) (taps[i] / sum);
            int shift = i - BLUR_RADIUS;
            for (int at = 0; at < rgb.length; at++) {
                int y = at / 3 / width;
                out[at] += tap * rows[at + 3 * width * (mirrored(y + shift, height) - y)];
            }
        }
        for (int at = 0; at < out.length; at++) {
            out[at] = clipped(out[at]);
        }
        return out;
    }

    private static int mirrored(int index, int length) {
        int inside = index < 0 ? -index : index >= length ? 2 * length - 2 - index : index;
        return Math.min(length - 1, Math.max(0, inside));
    }
}
