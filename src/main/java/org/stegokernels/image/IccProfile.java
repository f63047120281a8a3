package org.stegokernels.image;

import java.io.IOException;
import java.nio.ByteOrder;
import javax.imageio.stream.ImageInputStream;

/** Reads the header of a colour profile (ICC.1, section 7.2). */
final class IccProfile {
    private static final int HEADER_BYTES = 128;
    private static final int GREY = 'G' << 24 | 'R' << 16 | 'A' << 8 | 'Y';
    private static final int RGB = 'R' << 24 | 'G' << 16 | 'B' << 8 | ' ';
    private static final int CMYK = 'C' << 24 | 'M' << 16 | 'Y' << 8 | 'K';
    private static final int SIGNATURE = 'a' << 24 | 'c' << 16 | 's' << 8 | 'p';

    private IccProfile() {}

    /**
     * Returns whether a profile is not cut short and of the colours of the pixels.
     *
     * @param position of its first byte
     * @param length how many bytes of it there are
     * @param components the number of colours: 1 for grey, 3 for RGB, 4 for CMYK
     */
    static boolean fits(ImageInputStream input, long position, long length, int components) throws IOException {
        if (length < HEADER_BYTES || position + HEADER_BYTES > input.length()) {
            return false;
        }
        ByteOrder order = input.getByteOrder();
        input.setByteOrder(ByteOrder.BIG_ENDIAN);
        input.seek(position);
        boolean whole = input.readUnsignedInt() <= length;
        input.seek(position + 16);
        int space = input.readInt();
        input.seek(position + 36);
        boolean signed = input.readInt() == SIGNATURE;
        input.setByteOrder(order);
        return whole && signed && space == (components == 1 ? GREY : components == 3 ? RGB : CMYK);
    }
}
