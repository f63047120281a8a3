package org.stegokernels.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;

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

    /** Returns the number of pixels of each label; length 256. */
    public int[] counts() {
        int[] counts = new int[256];
        for (byte label : labels) {
            counts[label & 0xFF]++;
        }
        return counts;
    }

    /**
     * Returns a copy of type {@link BufferedImage#TYPE_BYTE_INDEXED}, whose indices are the labels.
     *
     * @param palette the colours of the classes; labels beyond it, as {@link #IGNORE} mostly is, are black
     */
    public BufferedImage toImage(Palette palette) {
        int[] colors = new int[256];
        for (int id = 0; id < colors.length; id++) {
            colors[id] = palette.color(id);
        }
        IndexColorModel model = new IndexColorModel(8, colors.length, colors, 0, false, -1, DataBuffer.TYPE_BYTE);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, model);
        image.getRaster().setDataElements(0, 0, width, height, labels);
        return image;
    }

    /**
     * A colour for each class id.
     *
     * @param rgb 0xRRGGBB of class 0, 1, ...; 1 to 256 entries; not copied
     */
    public record Palette(int[] rgb) {
        /** The colour of pixels without class. */
        public static final int IGNORED = 0x000000;

        /** @throws IllegalArgumentException if there is no entry or there are more than 256 */
        public Palette {
            if (rgb.length < 1 || rgb.length > 256) {
                throw new IllegalArgumentException("a palette has 1 to 256 colours, not " + rgb.length);
            }
        }

        public int size() {
            return rgb.length;
        }

        /** Returns the colour of a class as 0xRRGGBB; {@link #IGNORED} for an id beyond the last, as 255 mostly is. */
        public int color(int id) {
            return id < rgb.length ? rgb[id] & 0xFFFFFF : IGNORED;
        }

        /**
         * Returns the first {@code n} of a fixed sequence of 255 colours, in which each lies as far as may be from all
         * before it
         * and from black and white. The first are of middling lightness and strength, to look well over a photograph.
         *
         * @param n 1 to 255
         */
        public static Palette distinct(int n) {
            if (n < 1 || n > 255) {
                throw new IllegalArgumentException("there are 1 to 255 distinct colours, not " + n);
            }
            return new Palette(DistinctColors.first(n));
        }
    }
}
