package org.stegokernels.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

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
    private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");
    /** On Windows virus scanners and indexers hold a new file for some moments. */
    private static final int RENAMES = 20;

    private static final long RENAME_PAUSE_MILLIS = 50;

    private AtomicFile() {}

    /** Produces the content of a file. */
    @FunctionalInterface
    public interface Writer {
        /**
         * Writes the content.
         *
         * @param out buffered; closed by the caller
         */
        void write(OutputStream out) throws IOException;
    }

    /** Writes a file as {@link AtomicFile#write} does. */
    @FunctionalInterface
    public interface Target {
        /**
         * Writes a file.
         *
         * @throws IOException as {@link AtomicFile#write}
         */
        void write(Path file, Writer content) throws IOException;
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
            Temporary.deleteLeftBehind(absolute.getParent());
            temporary = Temporary.create(absolute);
        } catch (IOException e) {
            throw FileErrors.writing(target, e);
        }
        try {
            fill(temporary, target, writer);
            explained(temporary.path(), absolute, target);
        } catch (IOException | RuntimeException | Error e) {
            delete(temporary.path(), e);
            throw e;
        } finally {
            temporary.release();
        }
    }

    /**
     * Checks that a file can replace what has its name.
     *
     * @throws IOException if what has this name is a folder or device, which no file replaces
     */
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
            Temporary temporary = Temporary.create(file);
            temporary.release();
            temporary.channel().close();
            Files.deleteIfExists(temporary.path());
        } catch (IOException e) {
            throw FileErrors.writingTo(folder.toAbsolutePath(), e);
        }
    }

    private static void fill(Temporary temporary, Path target, Writer writer) throws IOException {
        OutputStream file = FileErrors.writing(target, Channels.newOutputStream(temporary.channel()));
        try (OutputStream out = new BufferedOutputStream(file, BUFFER_BYTES)) {
            writer.write(out);
        }
    }

    private static void explained(Path temporary, Path absolute, Path target) throws IOException {
        try {
            rename(temporary, absolute);
        } catch (IOException e) {
            throw FileErrors.writing(target, e);
        }
    }

    /**
     * Renames a file onto another one, which it replaces at once for every reader. Windows refuses that as long as any
     * program has one of the two open, so it is tried for a second there.
     *
     * @throws IOException as {@link Files#move}
     */
    public static void rename(Path from, Path to) throws IOException {
        repeat(() -> move(from, to), WINDOWS ? RENAMES : 1);
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** An operation of the file system. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    /** Repeats a step that is denied, with pauses, at most so many times in all. */
    static void repeat(Step step, int times) throws IOException {
        for (int left = times - 1; ; left--) {
            try {
                step.run();
                return;
            } catch (AccessDeniedException e) {
                if (left == 0) {
                    throw e;
                }
                pause(e);
            }
        }
    }

    private static void pause(AccessDeniedException failure) throws AccessDeniedException {
        try {
            Thread.sleep(RENAME_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure;
        }
    }

    private static void delete(Path temporary, Throwable failure) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
