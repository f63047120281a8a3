package org.stegokernels.export;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.InnerPath;
import org.stegokernels.io.ScratchFile;

/**
 * Files in the folder of a format, and what is kept on the disk until they are written.
 *
 * @param files writes each, whole or not at all
 */
record Outputs(Path folder, AtomicFile.Target files) {
    /**
     * Writes a file, and makes the folders it is in.
     *
     * @param name with slashes between folders; refused if it leads out of the folder
     */
    void write(String name, AtomicFile.Writer content) throws IOException {
        Path file = InnerPath.of(folder, name);
        FileErrors.makeFolder(file.toAbsolutePath().getParent());
        files.write(file, content);
    }

    /** Members of a list, kept on the disk until the file that they are to be part of is written. */
    static final class Spool implements Closeable {
        private static final int BUFFER_BYTES = 1 << 16;

        private final FileChannel file;
        private final OutputStream out;
        private final byte[] separator;
        private boolean empty = true;

        /**
         * @param folder where the disk has room; made if it isn't there
         * @param separator what stands between two members
         */
        Spool(Path folder, String separator) throws IOException {
            try {
                Files.createDirectories(folder);
                file = ScratchFile.create(folder);
            } catch (IOException e) {
                throw FileErrors.writing(folder.resolve("scratch"), e);
            }
            out = new BufferedOutputStream(Channels.newOutputStream(file), BUFFER_BYTES);
            this.separator = separator.getBytes(StandardCharsets.UTF_8);
        }

        void add(byte[] member) throws IOException {
            if (!empty) {
                out.write(separator);
            }
            empty = false;
            out.write(member);
        }

        void add(String member) throws IOException {
            add(member.getBytes(StandardCharsets.UTF_8));
        }

        /** Writes all members; none may be added after. */
        void copyTo(OutputStream target) throws IOException {
            out.flush();
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
            file.position(0);
            while (file.read(buffer) >= 0) {
                target.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
