package org.stegokernels.image.webp;

import java.util.Arrays;

/** Predicts a block from the pixels above and to the left, which the loop filter has not yet touched (section 12). */
final class Prediction {
    /** The pixels around a subblock, from the lower left over the corner to the upper right: 4 + 1 + 8. */
    private final int[] edge = new int[13];

    private static final int CORNER = 4;
    private static final int ABOVE = CORNER + 1;

    /**
     * Predicts a square of luma or chroma.
     *
     * @param mode one of the first four of {@link Modes}
     * @param at the index of its upper left pixel
     */
    void block(int mode, Frame.Plane plane, int at, int size, boolean hasAbove, boolean hasLeft) {
        byte[] pixels = plane.pixels();
        int stride = plane.stride();
        switch (mode) {
            case Modes.VERTICAL -> {
                for (int y = 0; y < size; y++) {
                    System.arraycopy(pixels, at - stride, pixels, at + y * stride, size);
                }
            }
            case Modes.HORIZONTAL -> {
                for (int y = 0; y < size; y++) {
                    int row = at + y * stride;
                    Arrays.fill(pixels, row, row + size, pixels[row - 1]);
                }
            }
            case Modes.TRUE_MOTION -> trueMotion(pixels, at, stride, size);
            default -> {
                byte mean = (byte) mean(pixels, at, stride, size, hasAbove, hasLeft);
                for (int y = 0; y < size; y++) {
                    int row = at + y * stride;
                    Arrays.fill(pixels, row, row + size, mean);
                }
            }
        }
    }

    private static int mean(byte[] pixels, int at, int stride, int size, boolean hasAbove, boolean hasLeft) {
        int sum = 0;
        for (int i = 0; hasAbove && i < size; i++) {
            sum += pixels[at - stride + i] & 0xFF;
        }
        for (int i = 0; hasLeft && i < size; i++) {
            sum += pixels[at + i * stride - 1] & 0xFF;
        }
        int count = (hasAbove ? size : 0) + (hasLeft ? size : 0);
        return count == 0 ? 128 : (sum + count / 2) / count;
    }

    private static void trueMotion(byte[] pixels, int at, int stride, int size) {
        int above = at - stride;
        int corner = pixels[above - 1] & 0xFF;
        for (int y = 0; y < size; y++) {
            int row = at + y * stride;
            int slope = (pixels[row - 1] & 0xFF) - corner;
            for (int x = 0; x < size; x++) {
                int value = (pixels[above + x] & 0xFF) + slope;
                pixels[row + x] = (byte) Math.max(0, Math.min(value, 255));
            }
        }
    }

    /**
     * Predicts a subblock of 4x4 pixels.
     *
     * @param mode one of the ten of subblocks in {@link Modes}
     * @param at the index of its upper left pixel
     * @param aboveRight the index of the first of the four pixels that are taken for those above to the right
     */
    void subblock(int mode, Frame.Plane plane, int at, int aboveRight) {
        byte[] pixels = plane.pixels();
        int stride = plane.stride();
        if (mode == Modes.B_TRUE_MOTION) {
            trueMotion(pixels, at, stride, 4);
            return;
        }
        for (int i = 0; i < 4; i++) {
            edge[i] = pixels[at + (3 - i) * stride - 1] & 0xFF;
            edge[ABOVE + i] = pixels[at - stride + i] & 0xFF;
            edge[ABOVE + 4 + i] = pixels[aboveRight + i] & 0xFF;
        }
        edge[CORNER] = pixels[at - stride - 1] & 0xFF;
        switch (mode) {
            case Modes.B_VERTICAL -> {
                for (int x = 0; x < 4; x++) {
                    byte value = third(ABOVE + x);
                    for (int y = 0; y < 4; y++) {
                        pixels[at + y * stride + x] = value;
                    }
                }
            }
            case Modes.B_HORIZONTAL -> {
                for (int y = 0; y < 4; y++) {
                    byte value = y == 3 ? third(edge[1], edge[0], edge[0]) : third(CORNER - 1 - y);
                    Arrays.fill(pixels, at + y * stride, at + y * stride + 4, value);
                }
            }
            case Modes.B_LEFT_DOWN -> leftDown(pixels, at, stride);
            case Modes.B_RIGHT_DOWN -> {
                for (int y = 0; y < 4; y++) {
                    for (int x = 0; x < 4; x++) {
                        pixels[at + y * stride + x] = third(CORNER + x - y);
                    }
                }
            }
            case Modes.B_VERTICAL_RIGHT -> verticalRight(pixels, at, stride);
            case Modes.B_VERTICAL_LEFT -> verticalLeft(pixels, at, stride);
            case Modes.B_HORIZONTAL_DOWN -> horizontalDown(pixels, at, stride);
            case Modes.B_HORIZONTAL_UP -> horizontalUp(pixels, at, stride);
            default -> {
                byte mean = (byte) mean(pixels, at, stride, 4, true, true);
                for (int y = 0; y < 4; y++) {
                    Arrays.fill(pixels, at + y * stride, at + y * stride + 4, mean);
                }
            }
        }
    }

    private void leftDown(byte[] pixels, int at, int stride) {
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4; x++) {
                pixels[at + y * stride + x] =
                        x + y == 6 ? third(edge[11], edge[12], edge[12]) : third(ABOVE + 1 + x + y);
            }
        }
    }

    private void verticalRight(byte[] pixels, int at, int stride) {
        int row1 = at + stride;
        int row2 = row1 + stride;
        int row3 = row2 + stride;
        for (int x = 0; x < 4; x++) {
            pixels[at + x] = half(CORNER + x);
            pixels[row1 + x] = third(CORNER + x);
        }
        pixels[row2] = third(CORNER - 1);
        pixels[row3] = third(CORNER - 2);
        System.arraycopy(pixels, at, pixels, row2 + 1, 3);
        System.arraycopy(pixels, row1, pixels, row3 + 1, 3);
    }

    private void verticalLeft(byte[] pixels, int at, int stride) {
        int row1 = at + stride;
        int row2 = row1 + stride;
        int row3 = row2 + stride;
        for (int x = 0; x < 4; x++) {
            pixels[at + x] = half(ABOVE + x);
            pixels[row1 + x] = third(ABOVE + 1 + x);
        }
        System.arraycopy(pixels, at + 1, pixels, row2, 3);
        System.arraycopy(pixels, row1 + 1, pixels, row3, 3);
        // These two leave the pattern.
        pixels[row2 + 3] = third(ABOVE + 5);
        pixels[row3 + 3] = third(ABOVE + 6);
    }

    private void horizontalDown(byte[] pixels, int at, int stride) {
        for (int y = 0; y < 4; y++) {
            int row = at + y * stride;
            pixels[row] = half(CORNER - 1 - y);
            pixels[row + 1] = third(CORNER - y);
            if (y == 0) {
                pixels[row + 2] = third(ABOVE);
                pixels[row + 3] = third(ABOVE + 1);
            } else {
                System.arraycopy(pixels, row - stride, pixels, row + 2, 2);
            }
        }
    }

    private void horizontalUp(byte[] pixels, int at, int stride) {
        int lowest = edge[0];
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4; x++) {
                int step = x + 2 * y;
                byte value;
                if (step > 5) {
                    value = (byte) lowest;
                } else if (step == 5) {
                    value = third(edge[1], lowest, lowest);
                } else if (step % 2 == 0) {
                    value = half(2 - step / 2);
                } else {
                    value = third(2 - step / 2);
                }
                pixels[at + y * stride + x] = value;
            }
        }
    }

    /** Returns the mean of an edge pixel and the next. */
    private byte half(int i) {
        return (byte) (edge[i] + edge[i + 1] + 1 >> 1);
    }

    /** Returns the mean of an edge pixel, counted twice, and its two neighbours. */
    private byte third(int i) {
        return third(edge[i - 1], edge[i], edge[i + 1]);
    }

    private static byte third(int before, int middle, int after) {
        return (byte) (before + 2 * middle + after + 2 >> 2);
    }
}
