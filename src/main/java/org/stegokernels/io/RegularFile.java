package org.stegokernels.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * Refuses pipes, sockets, devices and folders before they are opened: opening a pipe waits for a writer to open
 * it, and a device never ends. To be asked wherever a path comes from outside: {@code
 * Files.newByteChannel(RegularFile.require(file))}.
 */
public final class RegularFile {
    private static final String MODE = "unix:mode";
    private static final int TYPE_MASK = 0xF000;
    private static final List<Path> DESCRIPTORS = List.of(Path.of("/dev/fd"), Path.of("/proc/self/fd"));

    private RegularFile() {}

    /** A path that leads to something other than a regular file. The message names it, the reason and what to do. */
    public static final class NotRegularException extends FileSystemException {
        private final String problem;
        private final String remedy;

        private NotRegularException(Path file, String kind, String remedy) {
            super(file.toString(), null, "is no regular file but " + kind + "; " + remedy);
            this.problem = "is no regular file but " + kind;
            this.remedy = remedy;
        }

        /** Returns what is wrong, without the path: {@code "is no regular file but a pipe"}. */
        public String problem() {
            return problem;
        }

        /** Returns what to do about it, in the imperative: {@code "save its content to a file first"}. */
        public String remedy() {
            return remedy;
        }
    }

    /**
     * Returns whether a path names an open descriptor, as a shell's {@code <(command)} does. It may not exist in this
     * process: the shell opened it for the one that it started.
     */
    public static boolean isDescriptor(Path file) {
        return file.getParent() != null && DESCRIPTORS.contains(file.getParent());
    }

    /**
     * Returns the path if it leads to a regular file, following links. Nothing is opened. The file may be exchanged for
     * something else before the caller opens it; this guards against mistakes, not against those who can write in its
     * folder.
     *
     * @throws NotRegularException if it leads to something else
     * @throws java.nio.file.NoSuchFileException if it leads nowhere
     * @throws IOException if it can't be read
     */
    public static Path require(Path file) throws IOException {
        if (isDescriptor(file)) {
            throw notRegular(file, "a pipe");
        }
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (attributes.isRegularFile()) {
            return file;
        }
        if (attributes.isDirectory()) {
            throw new NotRegularException(file, "a folder", "name a file in it");
        }
        throw notRegular(file, kind(file));
    }

    private static NotRegularException notRegular(Path file, String kind) {
        return new NotRegularException(file, kind, "save its content to a file first");
    }

    private static String kind(Path file) throws IOException {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return "a device or the like";
        }
        return switch ((int) Files.getAttribute(file, MODE) & TYPE_MASK) {
            case 0x1000 -> "a pipe";
            case 0xC000 -> "a socket";
            default -> "a device";
        };
    }
}
