package org.stegokernels.io;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes a file whole or not at all: into {@code .NAME.XXXXXXXX.tmp} in the same folder, then renamed onto the target.
 * A reader never sees half a file, and a failed or interrupted write (Ctrl-C, SIGTERM) leaves the old file as it was
 * and no temporary one. A power cut may still lose a file just written: nothing is forced to the disk.
 *
 * <p>Safe for use from many threads.
 */
public final class AtomicFile {
    private static final int BUFFER_BYTES = 1 << 16;
    /** Keeps the temporary name within the 255 bytes of common file systems: 4 bytes each in UTF-8, and the rest. */
    private static final int NAME_CODE_POINTS = 50;

    private static final Set<Path> TEMPORARIES = ConcurrentHashMap.newKeySet();
    private static final Set<Runnable> BEFORE_END = ConcurrentHashMap.newKeySet();
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

    /**
     * Has something done when the process is asked to end (Ctrl-C, SIGTERM, {@link System#exit}), while files can still be
     * written: saving what would be lost. The process waits for it.
     *
     * @return to be closed when there is nothing to be lost any more
     */
    public static Registration beforeEnd(Runnable lastWrites) {
        BEFORE_END.add(lastWrites);
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
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
            throw new IOException("cannot write " + target + ": it exists and is "
                    + (Files.isDirectory(absolute) ? "a folder" : "not a regular file") + "; choose another name");
        }
        Path temporary;
        try {
            temporary = create(absolute);
        } catch (IOException e) {
            throw explained(target, e);
        }
        try {
            fill(temporary, target, writer);
            move(temporary, absolute, target);
        } catch (IOException | RuntimeException | Error e) {
            delete(temporary, e);
            throw e;
        } finally {
            TEMPORARIES.remove(temporary);
        }
    }

    private static void fill(Path temporary, Path target, Writer writer) throws IOException {
        OutputStream file;
        try {
            file = Files.newOutputStream(temporary, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw explained(target, e);
        }
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
            throw explained(target, e);
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
    private static synchronized Path create(Path target) throws IOException {
        if (shuttingDown) {
            throw new IOException("the program is ending");
        }
        String name = target.getFileName().toString();
        int shortened = name.codePointCount(0, name.length()) > NAME_CODE_POINTS
                ? name.offsetByCodePoints(0, NAME_CODE_POINTS)
                : name.length();
        while (true) {
            String random =
                    HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
            Path temporary = target.resolveSibling("." + name.substring(0, shortened) + "." + random + ".tmp");
            try {
                Files.createFile(temporary);
            } catch (FileAlreadyExistsException taken) {
                continue;
            }
            TEMPORARIES.add(temporary);
            return temporary;
        }
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

    /** A failure to write a file, with a message for the person who chose its path. */
    public static IOException explained(Path target, IOException cause) {
        Path folder = target.toAbsolutePath().getParent();
        return new IOException("cannot write " + target + ": " + reason(folder, cause), cause);
    }

    private static String reason(Path folder, IOException cause) {
        String detail = cause.getMessage();
        if (cause instanceof FileSystemException e) {
            // Without a reason the message is but the name of the temporary file.
            detail = e.getReason() != null ? e.getReason() : e.getClass().getSimpleName();
        }
        String lower = String.valueOf(detail).toLowerCase(Locale.ROOT);
        if (lower.contains("no space left") || lower.contains("not enough space") || lower.contains("quota")) {
            return "the disk that holds " + folder + " is full (" + detail + "); free some space or write elsewhere";
        }
        for (Path ancestor = folder; ancestor != null; ancestor = ancestor.getParent()) {
            if (Files.exists(ancestor) && !Files.isDirectory(ancestor)) {
                return ancestor + " is a file, not a folder; choose another folder";
            }
        }
        if (!Files.exists(folder)) {
            return "the folder " + folder + " does not exist; create it first";
        }
        if (cause instanceof AccessDeniedException || lower.contains("read-only")) {
            return "the folder " + folder + " is not writable; change its permissions or write elsewhere";
        }
        return detail;
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
                throw explained(target, e);
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                throw explained(target, e);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                out.close();
            } catch (IOException e) {
                throw explained(target, e);
            }
        }
    }
}
