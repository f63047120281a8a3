package org.stegokernels.image.webp;

import java.io.IOException;
import java.nio.ByteOrder;
import javax.imageio.IIOException;
import javax.imageio.stream.ImageInputStream;

/**
 * A chunk of a RIFF file.
 *
 * @param type its four letters, the first in the highest byte
 * @param start the position of its content in the file
 * @param length of its content in bytes, within the file
 */
record Chunk(int type, long start, long length) {
    static final int RIFF = type("RIFF");
    static final int WEBP = type("WEBP");
    static final int EXTENDED = type("VP8X");
    static final int FRAME = type("ANMF");
    static final int ALPHA = type("ALPH");
    static final int LOSSY = type("VP8 ");
    static final int LOSSLESS = type("VP8L");

    static final int HEADER_BYTES = 8;

    /**
     * Reads a chunk's header.
     *
     * @param limit the position where what encloses the chunk ends
     * @throws IIOException if the chunk leaves what encloses it
     */
    static Chunk read(ImageInputStream input, long position, long limit) throws IOException {
        input.seek(position);
        input.setByteOrder(ByteOrder.BIG_ENDIAN);
        int type = input.readInt();
        input.setByteOrder(ByteOrder.LITTLE_ENDIAN);
        Chunk chunk = new Chunk(type, position + HEADER_BYTES, input.readUnsignedInt());
        if (chunk.start + chunk.length > limit) {
            throw new IIOException("a chunk is longer than what it is part of");
        }
        return chunk;
    }

    /** Returns the position of the next chunk: contents are padded to an even length. */
    long next() {
        return start + length + (length & 1);
    }

    /** Reads the first bytes of the content, or all if there are fewer. */
    byte[] bytes(ImageInputStream input, int most) throws IOException {
        byte[] bytes = new byte[(int) Math.min(length, most)];
        input.seek(start);
        input.readFully(bytes);
        return bytes;
    }

    /** Reads the whole content. */
    byte[] bytes(ImageInputStream input) throws IOException {
        if (length > Integer.MAX_VALUE - 8) {
            throw new IIOException("a chunk of " + length + " bytes is longer than any picture");
        }
        return bytes(input, Integer.MAX_VALUE);
    }

    private static int type(String letters) {
        return letters.charAt(0) << 24 | letters.charAt(1) << 16 | letters.charAt(2) << 8 | letters.charAt(3);
    }
}
