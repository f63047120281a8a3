package org.stegokernels.raster;

import java.io.IOException;
import java.nio.ByteBuffer;
import javax.imageio.stream.ImageInputStreamImpl;

/** A tile of a TIFF file as a decoder sees it: as a file of its own, a head and then the bytes of the tile. */
final class TileInput extends ImageInputStreamImpl {
    private static final int BUFFER_BYTES = 1 << 16;

    private final byte[] head;
    private final Raster.Bytes file;
    private final long start;
    private final long length;
    private final ByteBuffer buffer;
    /** The position in the tile of the buffer's first byte. */
    private long bufferStart;

    /** @param file stays open when this is closed */
    TileInput(byte[] head, Raster.Bytes file, long start, long length) {
        this.head = head;
        this.file = file;
        this.start = start;
        this.length = length;
        buffer = ByteBuffer.allocate((int) Math.min(length, BUFFER_BYTES)).limit(0);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        bitOffset = 0;
        int copied;
        if (streamPos < head.length) {
            copied = Math.min(count, head.length - (int) streamPos);
            System.arraycopy(head, (int) streamPos, target, offset, copied);
        } else {
            long position = streamPos - head.length;
            if (position >= length || !fill(position)) {
                return -1;
            }
            copied = Math.min(count, buffer.remaining());
            buffer.get(target, offset, copied);
        }
        streamPos += copied;
        return copied;
    }

    /** Puts the buffer's position at that in the tile; false at the end of the file. */
    private boolean fill(long position) throws IOException {
        long ahead = position - bufferStart;
        if (ahead >= 0 && ahead < buffer.limit()) {
            buffer.position((int) ahead);
            return true;
        }
        buffer.clear().limit((int) Math.min(buffer.capacity(), length - position));
        int count = file.read(buffer, start + position);
        buffer.flip();
        bufferStart = position;
        return count > 0;
    }

    @Override
    public long length() {
        return head.length + length;
    }
}
