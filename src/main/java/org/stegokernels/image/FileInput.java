package org.stegokernels.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.IIOException;
import javax.imageio.stream.ImageInputStreamImpl;
import org.stegokernels.io.RegularFile;

/**
 * A file, on a disk or in memory, as ImageIO reads it, with a buffer: the JDK's own stream asks the system for every
 * single byte, and its caching ones keep the whole file in memory or copy it to the disk.
 */
final class FileInput extends ImageInputStreamImpl {
    private static final int BUFFER_BYTES = 1 << 14;

    /** A decoder that goes on for so long after the end follows a false header, and would for hours. */
    private static final int READS_PAST_END = 1 << 20;

    /** Decoders read a file once or twice; a directory whose entries all point to the same bytes would fill the memory. */
    private static final int READS_OF_ALL = 4;

    private static final int FREE_BYTES = 16 << 20;

    private final Source source;
    private final long length;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
    /** The position in the file of the buffer's first byte. */
    private long bufferStart;

    private final Deadline deadline;
    private long bytesRead;
    private int readsPastEnd;

    private FileInput(Source source, long length, Deadline deadline) {
        this.source = source;
        this.length = length;
        this.deadline = deadline;
    }

    /** Reads bytes from a position within the length on; returns their number, 0 or less at the end. */
    @FunctionalInterface
    private interface Source {
        int read(ByteBuffer target, long position) throws IOException;

        default void close() throws IOException {}
    }

    /** @throws RegularFile.NotRegularException if it is a pipe, a folder or the like */
    static FileInput of(Path file, Deadline deadline) throws IOException {
        SeekableByteChannel channel = Files.newByteChannel(RegularFile.require(file));
        Source source = new Source() {
            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                return channel.position(position).read(target);
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
        return new FileInput(source, channel.size(), deadline);
    }

    /** @param file all its bytes; not copied */
    static FileInput of(byte[] file, Deadline deadline) {
        Source source = (target, position) -> {
            int count = Math.min(target.remaining(), file.length - (int) position);
            target.put(file, (int) position, count);
            return count;
        };
        return new FileInput(source, file.length, deadline);
    }

    @Override
    public int read() throws IOException {
        bitOffset = 0;
        if (!fill()) {
            return -1;
        }
        streamPos++;
        return buffer.get() & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        bitOffset = 0;
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, buffer.remaining());
        buffer.get(target, offset, count);
        streamPos += count;
        bytesRead += count;
        if (bytesRead > READS_OF_ALL * this.length + FREE_BYTES) {
            throw new IIOException("the file has the same bytes read again and again");
        }
        return count;
    }

    /** Puts the buffer's position at the stream's; false at the end of the file. */
    private boolean fill() throws IOException {
        long ahead = streamPos - bufferStart;
        if (ahead >= 0 && ahead < buffer.limit()) {
            buffer.position((int) ahead);
            return true;
        }
        if (streamPos >= length) {
            if (++readsPastEnd > READS_PAST_END) {
                throw new IllegalStateException("read on and on after the end of the file");
            }
            return false;
        }
        deadline.check();
        buffer.clear();
        int count = source.read(buffer, streamPos);
        buffer.flip();
        bufferStart = streamPos;
        return count > 0;
    }

    Deadline deadline() {
        return deadline;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void close() throws IOException {
        try {
            super.close();
        } finally {
            source.close();
        }
    }
}
