package org.stegokernels.io;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Writes a file whole or not at all: into {@code .NAME.XXXXXXXX.tmp} in the same folder, then renamed onto the target.
 * A reader never sees half a file, and a failed or interrupted write (Ctrl-C, SIGTERM) leaves the old file as it was
 * and no temporary one. What a killed process leaves (SIGKILL) is deleted by the next one that writes to the folder. A
 * power cut may still lose a file just written: nothing is forced to the disk.
 *
 * <p>Safe for use from many threads.
 */
public final class AtomicFile {
    private static final int BUFFER_BYTES = 1 << 16;

    private static final Set<Path> TEMPORARIES = ConcurrentHashMap.newKeySet();
    /** Folders that this process has looked through for what others left behind. */
    private static final Set<Path> CLEANED = ConcurrentHashMap.newKeySet();

    private static final Deque<Runnable> BEFORE_END = new ConcurrentLinkedDeque<>();
    private static boolean shuttingDown;

    static {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(AtomicFile::end, "delete temporary files"));
        } catch (IllegalStateException alreadyDown) {
            shuttingDown = true;
        }
    }

    private AtomicFile() {}

    /** Produces the content of a file. */
    @FunctionalInterface
    public interface Writer {
        /** @param out buffered; closed by the caller */
        void write(OutputStream out) throws IOException;
    }

    /** Writes a file as {@link AtomicFile#write} does. */
    @FunctionalInterface
    public interface Target {
        /** @throws IOException as {@link AtomicFile#write} */
        void write(Path file, Writer content) throws IOException;
    }

    /**
     * Has something done when the process is asked to end (Ctrl-C, SIGTERM, {@link System#exit}), while files can still be
     * written: saving what would be lost. The process waits for it. What came last is done first.
     *
     * @return to be closed when there is nothing to be lost any more
     */
    public static Registration beforeEnd(Runnable lastWrites) {
        BEFORE_END.addFirst(lastWrites);
        return () -> BEFORE_END.remove(lastWrites);
    }

    /** Ends {@link #beforeEnd}. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Replaces or creates {@code target} with what {@code writer} produces. A symbolic link is replaced, not followed.
     *
     * @throws IOException if the folder is missing or not writable, the disk is full, or the target exists and is not a
     *     regular file; the message names the path and what to do. An exception of the writer itself passes through.
     */
    public static void write(Path target, Writer writer) throws IOException {
        Path absolute = target.toAbsolutePath();
        requireReplaceable(target);
        Temporary temporary;
        try {
            cleanOnce(absolute.getParent());
            temporary = create(absolute);
        } catch (IOException e) {
            throw FileErrors.writing(target, e);
        }
        try {
            fill(temporary, target, writer);
            move(temporary.path(), absolute, target);
        } catch (IOException | RuntimeException | Error e) {
            delete(temporary.path(), e);
            throw e;
        } finally {
            TEMPORARIES.remove(temporary.path());
        }
    }

    /** @throws IOException if what has this name is a folder or device, which no file replaces */
    public static void requireReplaceable(Path target) throws IOException {
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new IOException("cannot write " + target + ": it exists and is "
                    + (Files.isDirectory(target) ? "a folder" : "not a regular file") + "; choose another name");
        }
    }

    /**
     * Proves that files can be made in a folder, by making one and deleting it.
     *
     * @throws IOException if it can't be; the message says why
     */
    public static void probe(Path folder) throws IOException {
        Path file = folder.toAbsolutePath().resolve("probe");
        try {
            Temporary temporary = create(file);
            TEMPORARIES.remove(temporary.path());
            temporary.channel().close();
            Files.deleteIfExists(temporary.path());
        } catch (IOException e) {
            throw FileErrors.writingTo(folder.toAbsolutePath(), e);
        }
    }

    private static void cleanOnce(Path folder) {
        if (CLEANED.add(folder)) {
            Temporary.deleteLeftBehind(folder, TEMPORARIES);
        }
    }

    private static void fill(Temporary temporary, Path target, Writer writer) throws IOException {
        OutputStream file = Channels.newOutputStream(temporary.channel());
        try (OutputStream out = new BufferedOutputStream(new ExplainingStream(file, target), BUFFER_BYTES)) {
            writer.write(out);
        }
    }

    private static void move(Path temporary, Path absolute, Path target) throws IOException {
        try {
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(temporary, absolute, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw FileErrors.writing(target, e);
        }
    }

    private static void delete(Path temporary, Throwable failure) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Makes an empty temporary file and registers it. Not {@link Files#createTempFile}: that allows its owner only,
     * which the finished file would keep.
     */
    private static synchronized Temporary create(Path target) throws IOException {
        if (shuttingDown) {
            throw new IOException("the program is ending");
        }
        Temporary temporary = Temporary.create(target);
        TEMPORARIES.add(temporary.path());
        return temporary;
    }

    private static void end() {
        BEFORE_END.forEach(Runnable::run);
        deleteTemporaries();
    }

    private static synchronized void deleteTemporaries() {
        shuttingDown = true;
        for (Path temporary : TEMPORARIES) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException e) {
                System.getLogger(AtomicFile.class.getName())
                        .log(System.Logger.Level.WARNING, "left behind: {0} ({1})", temporary, e.getMessage());
            }
        }
    }

    /** Names the target in failures of the file itself, so that those of the writer's own sources stay apart. */
    static final class ExplainingStream extends FilterOutputStream {
        private final Path target;

        ExplainingStream(OutputStream out, Path target) {
            super(out);
            this.target = target;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                throw FileErrors.writing(target, e);
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                throw FileErrors.writing(target, e);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                out.close();
            } catch (IOException e) {
                throw FileErrors.writing(target, e);
            }
        }
    }
}
