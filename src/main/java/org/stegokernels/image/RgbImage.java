package org.stegokernels.image;

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

    /** The number of pixels. */
    public int pixels() {
        return width * height;
    }
}
