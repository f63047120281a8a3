package org.stegokernels.image.webp;

import java.util.Arrays;
import javax.imageio.IIOException;

/** A change that an encoder made to the pixels of a lossless picture, and its inverse (WebP lossless, section 4). */
interface Transform {
    int PREDICTION = 0;
    int COLOR = 1;
    int SUBTRACTED_GREEN = 2;
    int PALETTE = 3;

    /** Returns the pixels as they were before; may change the array it is given. */
    int[] undo(int[] pixels);

    /** Returns how many pixels of a row are coded. */
    int codedWidth();

    /**
     * Reads a transform.
     *
     * @param type 0 to 3
     * @param width of the pixels before the transform
     */
    static Transform read(BitReader input, int type, int width, int height) throws IIOException {
        return switch (type) {
            case PREDICTION -> PredictionTransform.read(input, width, height);
            case COLOR -> Color.read(input, width, height);
            case SUBTRACTED_GREEN -> new Green(width);
            default -> Palette.read(input, width, height);
        };
    }

    /** Green was subtracted from red and blue (WebP lossless, section 4.3). */
    record Green(int codedWidth) implements Transform {
        @Override
        public int[] undo(int[] pixels) {
            for (int i = 0; i < pixels.length; i++) {
                int pixel = pixels[i];
                int green = pixel >> 8 & 0xFF;
                pixels[i] = pixel & 0xFF00FF00 | (pixel & 0x00FF00FF) + (green << 16 | green) & 0x00FF00FF;
            }
            return pixels;
        }
    }

    /**
     * Parts of green were subtracted from red and blue, and of red from blue (WebP lossless, section 4.2).
     *
     * @param factors by block: of red for blue, of green for blue, of green for red in the lower three bytes, in 32nds
     */
    record Color(int codedWidth, int blockBits, int[] factors) implements Transform {
        static Color read(BitReader input, int width, int height) throws IIOException {
            int bits = input.read(3) + 2;
            int[] factors = LosslessImage.decodeHelper(
                    input, LosslessImage.blocks(width, bits), LosslessImage.blocks(height, bits));
            return new Color(width, bits, factors);
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

    /**
     * Colours were replaced by their number in a palette, several numbers to a coded pixel if they are small (WebP
     * lossless, section 4.4).
     *
     * @param width of the pixels
     * @param indexBits the bits of a number: 1, 2, 4 or 8
     * @param colors 2^indexBits of them; those beyond the palette are transparent
     */
    record Palette(int width, int height, int indexBits, int[] colors) implements Transform {
        static Palette read(BitReader input, int width, int height) throws IIOException {
            int count = input.read(8) + 1;
            int[] differences = LosslessImage.decodeHelper(input, count, 1);
            for (int i = 1; i < count; i++) {
                differences[i] = PredictionTransform.add(differences[i], differences[i - 1]);
            }
            int indexBits = count > 16 ? 8 : count > 4 ? 4 : count > 2 ? 2 : 1;
            return new Palette(width, height, indexBits, Arrays.copyOf(differences, 1 << indexBits));
        }

        @Override
        public int codedWidth() {
            int perPixel = 8 / indexBits;
            return (width + perPixel - 1) / perPixel;
        }

        @Override
        public int[] undo(int[] coded) {
            int[] pixels = indexBits == 8 ? coded : new int[Math.multiplyExact(width, height)];
            int mask = (1 << indexBits) - 1;
            int perPixel = 8 / indexBits;
            int from = 0;
            int to = 0;
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x += perPixel) {
                    int indices = coded[from++] >> 8;
                    for (int end = Math.min(to + perPixel, (y + 1) * width); to < end; to++) {
                        pixels[to] = colors[indices & mask];
                        indices >>= indexBits;
                    }
                }
            }
            return pixels;
        }
    }
}
