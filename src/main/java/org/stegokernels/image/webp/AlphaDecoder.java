package org.stegokernels.image.webp;

import java.util.Arrays;
import javax.imageio.IIOException;

/** Decodes the opacity of a lossy picture (WebP container specification, "ALPH"). */
final class AlphaDecoder {
    private static final int RAW = 0;
    private static final int LOSSLESS = 1;

    private static final int HORIZONTAL = 1;
    private static final int VERTICAL = 2;

    private AlphaDecoder() {}

    /** Returns the opacity of each pixel, 0 to 255. */
    static byte[] decode(byte[] data, Size size) throws IIOException {
        if (data.length < 1) {
            throw new IIOException("the opacity is empty");
        }
        int method = data[0] & 3;
        byte[] values = switch (method) {
            case RAW -> raw(data, size);
            case LOSSLESS -> lossless(data, size);
            default -> throw new IIOException("the opacity is compressed by an unknown method");
        };
        undoFilter(data[0] >> 2 & 3, values, size.width());
        return values;
    }

    private static byte[] raw(byte[] data, Size size) throws IIOException {
        long length = (long) size.width() * size.height();
        if (length > data.length - 1) {
            throw new IIOException("the opacity ends too early");
        }
        return Arrays.copyOfRange(data, 1, 1 + (int) length);
    }

    private static byte[] lossless(byte[] data, Size size) throws IIOException {
        int[] pixels = LosslessDecoder.decode(new BitReader(data, 1), size);
        byte[] values = new byte[pixels.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (pixels[i] >> 8);
        }
        return values;
    }

    private static void undoFilter(int filter, byte[] values, int width) {
        if (filter == 0) {
            return;
        }
        for (int i = 1; i < width; i++) {
            values[i] += values[i - 1];
        }
        for (int row = width; row < values.length; row += width) {
            values[row] += values[row - width];
            for (int i = row + 1; i < row + width; i++) {
                values[i] += prediction(filter, values, i, width);
            }
        }
    }

    private static byte prediction(int filter, byte[] values, int i, int width) {
        byte left = values[i - 1];
        byte above = values[i - width];
        return switch (filter) {
            case HORIZONTAL -> left;
            case VERTICAL -> above;
            default -> {
                int gradient = (left & 0xFF) + (above & 0xFF) - (values[i - width - 1] & 0xFF);
                yield (byte) Math.max(0, Math.min(gradient, 255));
            }
        };
    }
}
