package org.stegokernels.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file for what doesn't fit into memory, readable by this user only. It is gone when it is closed and when the process
 * ends, however it ends: on Unix it has no name from the start.
 */
public final class ScratchFile {
    private ScratchFile() {}

    /** Creates one in a folder, open to be read and written. */
    public static FileChannel create(Path folder) throws IOException {
        // Not createTempFile, whose random number generator takes 50 ms to start; an existing file is never opened.
        String name =
                ".stego-kernels-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] mode = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        return FileChannel.open(
                folder.resolve(name),
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE),
                mode);
    }

    /** Writes all of a buffer. */
    public static void write(FileChannel file, ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += file.write(bytes, at);
        }
    }

    /** Fills a buffer; what was never written is zero. */
    public static void read(FileChannel file, ByteBuffer bytes, long position) throws IOException {
        while (bytes.hasRemaining()) {
            if (file.read(bytes, position + bytes.position()) < 0) {
                while (bytes.hasRemaining()) {
                    bytes.put((byte) 0);
                }
            }
        }
        bytes.flip();
    }
}
