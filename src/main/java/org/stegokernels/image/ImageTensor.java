package org.stegokernels.image;

/**
 * Photographs as network input: channels first, values in 0 to 1 less the mean of ImageNet and divided by its standard
 * deviation, as torchvision's {@code ToTensor} and {@code Normalize} do in single precision.
 */
public final class ImageTensor {
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};
    private static final float[][] NORMALIZED = tables();

    private ImageTensor() {}

    private static float[][] tables() {
        float[][] tables = new float[3][256];
        for (int channel = 0; channel < 3; channel++) {
            for (int value = 0; value < 256; value++) {
                tables[channel][value] = (value / 255f - MEAN[channel]) / DEVIATION[channel];
            }
        }
        return tables;
    }

    /**
     * Writes [3, height, width] floats.
     *
     * @param out gets 3 x height x width values from {@code offset} on
     * @throws IllegalArgumentException if they don't fit
     */
    public static void normalized(RgbImage image, float[] out, int offset) {
        write(image, out, offset, false);
    }

    /** As {@link #normalized}, for the image mirrored left to right. */
    public static void normalizedMirrored(RgbImage image, float[] out, int offset) {
        write(image, out, offset, true);
    }

    private static void write(RgbImage image, float[] out, int offset, boolean mirrored) {
        int width = image.width();
        int plane = image.pixels();
        if (offset < 0 || offset > out.length - 3L * plane) {
            throw new IllegalArgumentException("3x" + image.height() + "x" + width + " floats don't fit from " + offset
                    + " on into " + out.length);
        }
        byte[] rgb = image.rgb();
        float[] red = NORMALIZED[0];
        float[] green = NORMALIZED[1];
        float[] blue = NORMALIZED[2];
        for (int y = 0; y < image.height(); y++) {
            int from = 3 * y * width + (mirrored ? 3 * (width - 1) : 0);
            int step = mirrored ? -3 : 3;
            int to = offset + y * width;
            for (int x = 0; x < width; x++) {
                out[to] = red[rgb[from] & 0xFF];
                out[to + plane] = green[rgb[from + 1] & 0xFF];
                out[to + 2 * plane] = blue[rgb[from + 2] & 0xFF];
                to++;
                from += step;
            }
        }
    }
}
