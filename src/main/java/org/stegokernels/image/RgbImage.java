package org.stegokernels.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.WritableRaster;

/**
 * A photograph in memory, sRGB.
 *
 * @param width in pixels, at least 1
 * @param height in pixels, at least 1
 * @param rgb unsigned bytes [height, width, 3] in the order red, green, blue; not copied
 */
public record RgbImage(int width, int height, byte[] rgb) {
    /** @throws IllegalArgumentException if a side is below 1 or the array is not of length height x width x 3 */
    public RgbImage {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException(
                    "an RGB image of " + width + "x" + height + " can't be made of " + rgb.length + " bytes");
        }
    }

    /** Returns the number of pixels. */
    public int pixels() {
        return width * height;
    }

    /** Returns a copy of an image in sRGB, its transparency laid over white, as {@link ImageReader#read} gives it. */
    public static RgbImage of(BufferedImage image) {
        // The conversion may take over the memory that it is given.
        WritableRaster raster = image.getRaster().createCompatibleWritableRaster();
        raster.setDataElements(0, 0, image.getRaster());
        ColorModel colors = image.getColorModel();
        return Pixels.rgb(new BufferedImage(colors, raster, colors.isAlphaPremultiplied(), null));
    }

    /** Returns a copy of type {@link BufferedImage#TYPE_INT_RGB}. */
    public BufferedImage toImage() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] row = new int[width];
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < width; x++, at += 3) {
                row[x] = (rgb[at] & 0xFF) << 16 | (rgb[at + 1] & 0xFF) << 8 | rgb[at + 2] & 0xFF;
            }
            image.setRGB(0, y, width, 1, row, 0, width);
        }
        return image;
    }
}
