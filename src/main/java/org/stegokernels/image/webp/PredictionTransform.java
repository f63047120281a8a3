package org.stegokernels.image.webp;

import javax.imageio.IIOException;

/**
 * A prediction from the pixels before was subtracted (WebP lossless, section 4.1).
 *
 * @param modes by block, the number of the predictor in the second byte
 */
record PredictionTransform(int codedWidth, int blockBits, int[] modes) implements Transform {
    private static final int BLACK = 0xFF000000;

    static PredictionTransform read(BitReader input, int width, int height) throws IIOException {
        int bits = input.read(3) + 2;
        int[] modes = LosslessImage.decodeHelper(
                input, LosslessImage.blocks(width, bits), LosslessImage.blocks(height, bits));
        return new PredictionTransform(width, bits, modes);
    }

    @Override
    public int[] undo(int[] pixels) {
        pixels[0] = add(pixels[0], BLACK);
        for (int i = 1; i < codedWidth; i++) {
            pixels[i] = add(pixels[i], pixels[i - 1]);
        }
        int blocksPerRow = LosslessImage.blocks(codedWidth, blockBits);
        int rows = pixels.length / codedWidth;
        for (int y = 1; y < rows; y++) {
            int row = y * codedWidth;
            pixels[row] = add(pixels[row], pixels[row - codedWidth]);
            int block = (y >> blockBits) * blocksPerRow;
            for (int x = 0; x < codedWidth; x += 1 << blockBits) {
                int end = Math.min(x + (1 << blockBits), codedWidth);
                undo(pixels, row + Math.max(x, 1), row + end, modes[block++] >> 8 & 0xF);
            }
        }
        return pixels;
    }

    private void undo(int[] pixels, int start, int end, int mode) {
        for (int i = start; i < end; i++) {
            pixels[i] = add(pixels[i], predict(mode, pixels, i));
        }
    }

    private int predict(int mode, int[] pixels, int i) {
        int left = pixels[i - 1];
        int above = i - codedWidth;
        int top = pixels[above];
        int topLeft = pixels[above - 1];
        // Right of a row's last pixel is the first of the next, as the format has it.
        int topRight = pixels[above + 1];
        return switch (mode) {
            case 1 -> left;
            case 2 -> top;
            case 3 -> topRight;
            case 4 -> topLeft;
            case 5 -> mean(mean(left, topRight), top);
            case 6 -> mean(left, topLeft);
            case 7 -> mean(left, top);
            case 8 -> mean(topLeft, top);
            case 9 -> mean(top, topRight);
            case 10 -> mean(mean(left, topLeft), mean(top, topRight));
            case 11 -> select(left, top, topLeft);
            case 12 -> gradient(left, top, topLeft);
            case 13 -> halfGradient(mean(left, top), topLeft);
            default -> BLACK;
        };
    }

    /** Adds each of the four bytes, without carry. */
    static int add(int a, int b) {
        return (a & 0xFF00FF00) + (b & 0xFF00FF00) & 0xFF00FF00 | (a & 0x00FF00FF) + (b & 0x00FF00FF) & 0x00FF00FF;
    }

    /** Returns the mean of each of the four bytes, rounded down. */
    private static int mean(int a, int b) {
        return (((a ^ b) & 0xFEFEFEFE) >>> 1) + (a & b);
    }

    /** Returns left or top, whichever is closer to left + top - topLeft. */
    private static int select(int left, int top, int topLeft) {
        return distance(top, topLeft) < distance(left, topLeft) ? left : top;
    }

    private static int distance(int a, int b) {
        return Math.abs((a >>> 24) - (b >>> 24))
                + Math.abs((a >> 16 & 0xFF) - (b >> 16 & 0xFF))
                + Math.abs((a >> 8 & 0xFF) - (b >> 8 & 0xFF))
                + Math.abs((a & 0xFF) - (b & 0xFF));
    }

    private static int gradient(int left, int top, int topLeft) {
        int pixel = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int value = (left >>> shift & 0xFF) + (top >>> shift & 0xFF) - (topLeft >>> shift & 0xFF);
            pixel |= clamp(value) << shift;
        }
        return pixel;
    }

    private static int halfGradient(int mean, int topLeft) {
        int pixel = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int value = mean >>> shift & 0xFF;
            // Towards zero.
            pixel |= clamp(value + (value - (topLeft >>> shift & 0xFF)) / 2) << shift;
        }
        return pixel;
    }

    private static int clamp(int value) {
        return Math.max(0, Math.min(value, 255));
    }
}
