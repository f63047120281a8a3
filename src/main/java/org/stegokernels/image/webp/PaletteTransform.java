package org.stegokernels.image.webp;

import java.util.Arrays;
import javax.imageio.IIOException;

/**
 * Colours were replaced by their number in a palette, several numbers to a coded pixel if they are small (WebP
 * lossless, section 4.4).
 *
 * @param width of the pixels
 * @param indexBits the bits of a number: 1, 2, 4 or 8
 * @param colors 2^indexBits of them; those beyond the palette are transparent
 */
record PaletteTransform(int width, int height, int indexBits, int[] colors) implements Transform {
    static PaletteTransform read(BitReader input, int width, int height) throws IIOException {
        int count = input.read(8) + 1;
        int[] differences = LosslessImage.decodeHelper(input, count, 1);
        for (int i = 1; i < count; i++) {
            differences[i] = PredictionTransform.add(differences[i], differences[i - 1]);
        }
        int indexBits = count > 16 ? 8 : count > 4 ? 4 : count > 2 ? 2 : 1;
        return new PaletteTransform(width, height, indexBits, Arrays.copyOf(differences, 1 << indexBits));
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
