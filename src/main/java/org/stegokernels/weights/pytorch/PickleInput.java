package org.stegokernels.weights.pytorch;

import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * The bytes of a pickle as a stream that can look ahead, so that lengths are judged before memory is taken for them.
 * Mapped memory whose file was cut meanwhile is an InternalError at the time of access.
 */
final class PickleInput extends InputStream {
    private final ByteBuffer bytes;

    /** @param bytes little endian */
    PickleInput(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    @Override
    public int read() {
        return bytes.hasRemaining() ? Byte.toUnsignedInt(bytes.get()) : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        int count = Math.min(length, bytes.remaining());
        bytes.get(into, offset, count);
        return count == 0 ? -1 : count;
    }

    int position() {
        return bytes.position();
    }

    int remaining() {
        return bytes.remaining();
    }

    /** Returns the length that stands before a string or a number in 1, 4 or 8 bytes, unsigned, without moving on. */
    long peekLength(int width) {
        if (bytes.remaining() < width) {
            return Long.MAX_VALUE;
        }
        int at = bytes.position();
        return switch (width) {
            case 1 -> Byte.toUnsignedLong(bytes.get(at));
            case 4 -> Integer.toUnsignedLong(bytes.getInt(at));
            default -> bytes.getLong(at) < 0 ? Long.MAX_VALUE : bytes.getLong(at);
        };
    }

    /** Counts the bytes of the next {@code lines} lines; more than {@code most} are not counted to their end. */
    int peekLines(int lines, int most) {
        int at = bytes.position();
        int end = Math.min(bytes.limit(), at + most + 1);
        int left = lines;
        while (at < end && left > 0) {
            if (bytes.get(at++) == '\n') {
                left--;
            }
        }
        return at - bytes.position();
    }
}
