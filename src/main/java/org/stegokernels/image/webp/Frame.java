package org.stegokernels.image.webp;

import java.util.Arrays;

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

    /**
     * Luma or chroma of a frame in whole macroblocks, with a border: prediction reads a row above (127), four pixels more
     * at its right, and a column to the left (129), as RFC 6386 has it in section 12.
     *
     * @param pixels unsigned bytes
     * @param origin the index of the upper left pixel
     * @param stride from a pixel to the one below it
     */
    record Plane(byte[] pixels, int origin, int stride) {
        private static final int LEFT = 1;
        private static final int RIGHT = 4;

        /** Makes a plane with its border. */
        static Plane of(int width, int height) {
            int stride = LEFT + width + RIGHT;
            byte[] pixels = new byte[Math.multiplyExact(stride, height + 1)];
            Arrays.fill(pixels, 0, stride, (byte) 127);
            for (int y = 1; y <= height; y++) {
                pixels[y * stride] = (byte) 129;
            }
            return new Plane(pixels, stride + LEFT, stride);
        }

        int index(int x, int y) {
            return origin + y * stride + x;
        }
    }
}
