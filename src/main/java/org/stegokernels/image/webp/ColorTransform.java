package org.stegokernels.image.webp;

import javax.imageio.IIOException;

/**
 * Parts of green were subtracted from red and blue, and of red from blue (WebP lossless, section 4.2).
 *
 * @param factors by block: of red for blue, of green for blue, of green for red in the lower three bytes, in 32nds
 */
record ColorTransform(int codedWidth, int blockBits, int[] factors) implements Transform {
    static ColorTransform read(BitReader input, int width, int height) throws IIOException {
        int bits = input.read(3) + 2;
        int[] factors = LosslessImage.decodeHelper(
                input, LosslessImage.blocks(width, bits), LosslessImage.blocks(height, bits));
        return new ColorTransform(width, bits, factors);
    }

    @Override
    public int[] undo(int[] pixels) {
        int blocksPerRow = LosslessImage.blocks(codedWidth, blockBits);
        int rows = pixels.length / codedWidth;
        for (int y = 0; y < rows; y++) {
            int block = (y >> blockBits) * blocksPerRow;
            for (int x = 0; x < codedWidth; x += 1 << blockBits) {
                int end = Math.min(x + (1 << blockBits), codedWidth);
                undo(pixels, y * codedWidth + x, y * codedWidth + end, factors[block++]);
            }
        }
        return pixels;
    }

    private static void undo(int[] pixels, int start, int end, int factors) {
        int redToBlue = (byte) (factors >> 16);
        int greenToBlue = (byte) (factors >> 8);
        int greenToRed = (byte) factors;
        for (int i = start; i < end; i++) {
            int pixel = pixels[i];
            int green = (byte) (pixel >> 8);
            int red = (pixel >> 16) + (greenToRed * green >> 5) & 0xFF;
            int blue = pixel + (greenToBlue * green >> 5) + (redToBlue * (byte) red >> 5) & 0xFF;
            pixels[i] = pixel & 0xFF00FF00 | red << 16 | blue;
        }
    }
}
