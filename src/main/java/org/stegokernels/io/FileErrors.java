package org.stegokernels.io;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Locale;

/** Failures of the file system in words for the person who chose the path: what, where, and what to do. */
public final class FileErrors {
    private FileErrors() {}

    /** Explains a failure to write a file. */
    public static IOException writing(Path file, IOException cause) {
        Path folder = file.toAbsolutePath().getParent();
        String reason = cause instanceof NoSuchFileException && !Files.exists(folder)
                ? "the folder " + folder + " does not exist; create it first"
                : reason(folder, cause);
        return new IOException("cannot write " + file + ": " + reason, cause);
    }

    /**
     * Returns a stream whose own failures are explained as those of writing a file, so that failures of what is written
     * stay apart.
     */
    static OutputStream writing(Path file, OutputStream out) {
        return new FilterOutputStream(out) {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    out.write(bytes, offset, length);
                } catch (IOException e) {
                    throw FileErrors.writing(file, e);
                }
            }

            @Override
            public void flush() throws IOException {
                try {
                    out.flush();
                } catch (IOException e) {
                    throw FileErrors.writing(file, e);
                }
            }

            @Override
            public void close() throws IOException {
                try {
                    out.close();
                } catch (IOException e) {
                    throw FileErrors.writing(file, e);
                }
            }
        };
    }

    /** Explains a failure to read a file. */
    public static IOException reading(Path file, IOException cause) {
        String message = cause instanceof FileSystemException
                ? text(cause)
                : file + ": can't be read (" + cause.getMessage() + "); check the disk";
        return new IOException(message, cause);
    }

    /** Explains a failure to make a file in a folder that is there. */
    static IOException writingTo(Path folder, IOException cause) {
        return new IOException("cannot write to the folder " + folder + ": " + reason(folder, cause), cause);
    }

    /**
     * Makes a folder, and those above it.
     *
     * @throws IOException if it can't; the message says why
     */
    public static void makeFolder(Path folder) throws IOException {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new IOException("cannot make the folder " + folder + ": " + reason(folder.toAbsolutePath(), e), e);
        }
    }

    /** Returns whether a failure to write says that the disk is full, so that no other file would fare better. */
    public static boolean isDiskFull(IOException failure) {
        return isFull(failure) || failure.getCause() instanceof IOException cause && isFull(cause);
    }

    private static boolean isFull(IOException failure) {
        String detail = failure instanceof FileSystemException e ? e.getReason() : failure.getMessage();
        String lower = String.valueOf(detail).toLowerCase(Locale.ROOT);
        return lower.contains("no space left") || lower.contains("not enough space") || lower.contains("quota");
    }

    /** Returns the message of an exception; where that is but a path, with what is wrong there. */
    public static String text(IOException failure) {
        if (!(failure instanceof FileSystemException e) || e.getReason() != null || e.getFile() == null) {
            return failure.getMessage() == null ? failure.toString() : failure.getMessage();
        }
        return e.getFile() + ": " + kind(e);
    }

    private static String kind(FileSystemException e) {
        if (e instanceof AccessDeniedException) {
            return "may not be read or written; change its permissions";
        } else if (e instanceof NoSuchFileException) {
            return "there is no such file or folder; check the path";
        } else if (e instanceof FileAlreadyExistsException) {
            return "exists already; choose another name";
        } else if (e instanceof NotDirectoryException) {
            return "is a file, not a folder; choose another folder";
        } else if (e instanceof FileSystemLoopException) {
            return "is a link to a folder that it lies in";
        }
        return e.getClass().getSimpleName();
    }

    private static String reason(Path folder, IOException cause) {
        String detail = cause instanceof FileSystemException e
                // Without a reason the message is but a path.
                ? e.getReason() != null ? e.getReason() : kind(e)
                : String.valueOf(cause.getMessage());
        if (isFull(cause)) {
            return "the disk that holds " + folder + " is full (" + detail + "); free some space or write elsewhere";
        }
        Path file = inTheWay(folder);
        if (file != null) {
            return file + " is a file, not a folder; choose another folder";
        }
        String lower = detail.toLowerCase(Locale.ROOT);
        if (lower.contains("too long")) {
            return "the name is too long for this disk; choose a shorter one";
        }
        if (cause instanceof AccessDeniedException e && e.getOtherFile() != null) {
            // A renaming: the folder let the file be made that is renamed.
            return "it is open in another program, or write-protected; close it there, or choose another name";
        }
        if (cause instanceof AccessDeniedException || lower.contains("read-only")) {
            return "the folder " + lowestThere(folder) + " is not writable; change its permissions or write elsewhere";
        }
        return detail;
    }

    /** Returns the file that stands where a folder should be, or null. */
    private static Path inTheWay(Path folder) {
        Path there = lowestThere(folder);
        return there == null || Files.isDirectory(there) ? null : there;
    }

    private static Path lowestThere(Path folder) {
        Path there = folder;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        return there;
    }
}
