package org.stegokernels.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The bytes of a file.
 *
 * @param size in bytes, when it was opened
 * @param mapped true if windows are mapped, false if they are read
 */
record FileBytes(String name, FileChannel channel, long size, boolean mapped) implements ByteSource {
    static FileBytes open(Path path, boolean mapped) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new FileBytes(path.toString(), channel, channel.size(), mapped);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public ByteBuffer window(long offset, int length) throws IOException {
        if (channel.size() < offset + length) {
            throw shorter();
        }
        return mapped ? channel.map(FileChannel.MapMode.READ_ONLY, offset, length) : read(offset, length);
    }

    private ByteBuffer read(long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw shorter();
            }
        }
        return bytes.flip().asReadOnlyBuffer();
    }

    private static IOException shorter() {
        return new IOException("the file has become shorter since it was opened");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
