package org.stegokernels.image;

/**
 * A class id for every pixel.
 *
 * @param width in pixels, at least 1
 * @param height in pixels, at least 1
 * @param labels unsigned bytes [height, width]: class ids 0 to 254, or {@link #IGNORE}; not copied
 */
public record LabelMap(int width, int height, byte[] labels) {
    /** The label of a pixel without class: not scored, not counted, drawn black. */
    public static final int IGNORE = 255;

    /** @throws IllegalArgumentException if a side is below 1 or the array is not of length height x width */
    public LabelMap {
        if (width < 1 || height < 1 || labels.length != (long) width * height) {
            throw new IllegalArgumentException(
                    "a label map of " + width + "x" + height + " can't be made of " + labels.length + " bytes");
        }
    }

    /**
     * Returns the label of one pixel, 0 to 255.
     *
     * @throws IndexOutOfBoundsException if there is no such pixel
     */
    public int label(int x, int y) {
        if (x < 0 || x >= width || y < 0 || y >= height) {
            throw new IndexOutOfBoundsException(
                    "pixel (" + x + ", " + y + ") of a label map of " + width + "x" + height);
        }
        return labels[y * width + x] & 0xFF;
    }

    /** How many pixels carry each label; length 256. */
    public int[] counts() {
        int[] counts = new int[256];
        for (byte label : labels) {
            counts[label & 0xFF]++;
        }
        return counts;
    }
}
