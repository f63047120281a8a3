package org.stegokernels.image;

/** Turns an image upright according to its EXIF orientation. */
final class Orientation {
    /** A quarter turn reads columns: in tiles, so that each cache line fetched serves more than one pixel. */
    private static final int TILE = 32;

    /** The first that swaps width and height. */
    static final int FIRST_QUARTER_TURN = 5;

    private Orientation() {}

    /** @param orientation 1 to 8: where the stored row 0 and column 0 belong, as EXIF tag 0x0112 defines it */
    static RgbImage upright(RgbImage image, int orientation) {
        int w = image.width();
        int h = image.height();
        int last = w * h - 1;
        return switch (orientation) {
            case 1 -> image;
            case 2 -> gather(image, w, h, w - 1, -1, w);
            case 3 -> gather(image, w, h, last, -1, -w);
            case 4 -> gather(image, w, h, last - (w - 1), 1, -w);
            case 5 -> gather(image, h, w, 0, w, 1);
            case 6 -> gather(image, h, w, last - (w - 1), -w, 1);
            case 7 -> gather(image, h, w, last, -w, -1);
            case 8 -> gather(image, h, w, w - 1, w, -1);
            default -> throw new IllegalArgumentException("orientation " + orientation + " is not 1 to 8");
        };
    }

    /** Gathers pixels: output pixel (x, y) is source pixel {@code origin + x * stepX + y * stepY}. */
    private static RgbImage gather(RgbImage image, int width, int height, int origin, int stepX, int stepY) {
        byte[] source = image.rgb();
        byte[] target = new byte[source.length];
        for (int top = 0; top < height; top += TILE) {
            for (int left = 0; left < width; left += TILE) {
                int right = Math.min(left + TILE, width);
                for (int y = top; y < Math.min(top + TILE, height); y++) {
                    int from = 3 * (origin + left * stepX + y * stepY);
                    int to = 3 * (y * width + left);
                    for (int x = left; x < right; x++) {
                        target[to] = source[from];
                        target[to + 1] = source[from + 1];
                        target[to + 2] = source[from + 2];
                        to += 3;
                        from += 3 * stepX;
                    }
                }
            }
        }
        return new RgbImage(width, height, target);
    }
}
