package org.stegokernels.image;

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

    /** The colour of a class as 0xRRGGBB; {@link #IGNORED} for an id beyond the last, as 255 mostly is. */
    public int color(int id) {
        return id < rgb.length ? rgb[id] & 0xFFFFFF : IGNORED;
    }

    /**
     * The first {@code n} of a fixed sequence of 255 colours, in which each lies as far as may be from all before it
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
