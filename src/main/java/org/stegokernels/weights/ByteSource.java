package org.stegokernels.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Random access to the bytes of a file of any length, or of a resource in memory. */
interface ByteSource extends AutoCloseable {
    long size();

    /** The bytes from {@code offset} to {@code offset + length}; the caller keeps within {@link #size()}. */
    ByteBuffer window(long offset, int length) throws IOException;

    @Override
    void close() throws IOException;

    /** A file, of which each window is mapped by itself: a buffer over the whole would end at 2 GiB. */
    static ByteSource file(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        long size;
        try {
            size = channel.size();
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new ByteSource() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public ByteBuffer window(long offset, int length) throws IOException {
                if (channel.size() < offset + length) {
                    throw new IOException("the file has become shorter since it was opened");
                }
                return channel.map(FileChannel.MapMode.READ_ONLY, offset, length);
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    /** What lies between position and limit of a buffer; changes of either later don't matter. */
    static ByteSource memory(ByteBuffer bytes) {
        ByteBuffer all = bytes.slice();
        return new ByteSource() {
            @Override
            public long size() {
                return all.capacity();
            }

            @Override
            public ByteBuffer window(long offset, int length) {
                return all.slice((int) offset, length);
            }

            @Override
            public void close() {}
        };
    }
}
