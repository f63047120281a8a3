package org.stegokernels.image.webp;

/**
 * The planes of a frame, in whole macroblocks.
 *
 * @param size of the picture
 * @param columns of macroblocks
 * @param rows of macroblocks
 */
record Frame(Size size, int columns, int rows, Plane luma, Plane u, Plane v) {
    static Frame of(Size size) {
        int columns = columns(size);
        int rows = rows(size);
        return new Frame(
                size,
                columns,
                rows,
                Plane.of(16 * columns, 16 * rows),
                Plane.of(8 * columns, 8 * rows),
                Plane.of(8 * columns, 8 * rows));
    }

    static int columns(Size size) {
        return (size.width() + 15) / 16;
    }

    static int rows(Size size) {
        return (size.height() + 15) / 16;
    }
}
