package org.stegokernels.raster;

/**
 * A rectangle of pixels.
 *
 * @param x first column
 * @param y first row
 * @param width columns, at least 1
 * @param height rows, at least 1
 */
public record Region(int x, int y, int width, int height) {
    /** @throws IllegalArgumentException if a side is below 1 or a corner is negative */
    public Region {
        if (x < 0 || y < 0 || width < 1 || height < 1) {
            throw new IllegalArgumentException("no region: " + width + "x" + height + " at (" + x + ", " + y + ")");
        }
    }

    /** @throws IllegalArgumentException if a part of it lies outside of a picture of such a size */
    void requireWithin(int pictureWidth, int pictureHeight) {
        if ((long) x + width > pictureWidth || (long) y + height > pictureHeight) {
            throw new IllegalArgumentException("the region " + width + "x" + height + " at (" + x + ", " + y
                    + ") is not within the picture of " + pictureWidth + "x" + pictureHeight);
        }
    }
}
