package org.stegokernels.image.webp;

/**
 * The planes of a frame, in whole macroblocks.
 *
 * @param width of the picture in pixels
 * @param height of the picture in pixels
 * @param columns of macroblocks
 * @param rows of macroblocks
 */
record Frame(int width, int height, int columns, int rows, Plane luma, Plane u, Plane v) {
    static Frame of(int width, int height) {
        int columns = (width + 15) / 16;
        int rows = (height + 15) / 16;
        return new Frame(
                width,
                height,
                columns,
                rows,
                Plane.of(16 * columns, 16 * rows),
                Plane.of(8 * columns, 8 * rows),
                Plane.of(8 * columns, 8 * rows));
    }
}
