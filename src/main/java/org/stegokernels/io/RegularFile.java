package org.stegokernels.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;

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

    /**
     * Reads text that people write: UTF-8 with or without a byte order mark (Windows' Notepad puts one), with the line ends
     * of any system.
     */
    public static final class TextFile {
        /** The most bytes of a file written by hand: settings, names of classes. */
        public static final int HAND_WRITTEN = 1 << 20;

        private static final String SAVE_ANEW = "save it as plain text in UTF-8";
        private static final int BYTE_ORDER_MARK = 0xFEFF;

        private TextFile() {}

        /**
         * Returns the text, its lines ended by a line feed each, without byte order mark.
         *
         * @param maxBytes limit on the file's length
         * @throws IOException if there is no such file, it is not a regular one, can't be read, is longer than the limit or
         *     no UTF-8; the message names the file, the reason and what to do
         */
        public static String read(Path file, int maxBytes) throws IOException {
            byte[] bytes;
            try (InputStream in = Files.newInputStream(RegularFile.require(file))) {
                bytes = in.readNBytes(maxBytes + 1);
            } catch (IOException e) {
                throw FileErrors.reading(file, e);
            }
            if (bytes.length > maxBytes) {
                throw refused(
                        file,
                        "it has more than " + maxBytes + " bytes, too many for what it should be",
                        "check the path");
            }
            return decode(file, bytes).replace("\r\n", "\n").replace('\r', '\n');
        }

        /** Returns the lines of {@link #read}, without blanks at their ends. */
        public static List<String> lines(Path file, int maxBytes) throws IOException {
            return read(file, maxBytes).lines().map(String::strip).toList();
        }

        private static String decode(Path file, byte[] bytes) throws IOException {
            if (isUtf16(bytes)) {
                throw refused(file, "is UTF-16 text", SAVE_ANEW);
            }
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            try {
                String text = StandardCharsets.UTF_8.newDecoder().decode(rest).toString();
                int start = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? 1 : 0;
                int zero = text.indexOf('\0');
                if (zero >= 0) {
                    throw refused(
                            file, "is no text: there is a zero byte in " + line(text.substring(0, zero)), SAVE_ANEW);
                }
                return text.substring(start);
            } catch (CharacterCodingException e) {
                // The decoder stopped at the first wrong byte.
                String before = new String(bytes, 0, rest.position(), StandardCharsets.UTF_8);
                String wrong =
                        String.format(Locale.ROOT, "is not UTF-8: it has the byte 0x%02x in ", bytes[rest.position()]);
                throw refused(file, wrong + line(before), SAVE_ANEW);
            }
        }

        private static boolean isUtf16(byte[] bytes) {
            int first = bytes.length < 2 ? 0 : (bytes[0] & 0xFF) << 8 | bytes[1] & 0xFF;
            return first == BYTE_ORDER_MARK || first == Character.reverseBytes((char) BYTE_ORDER_MARK);
        }

        private static String line(String before) {
            return "line " + (1 + before.chars().filter(c -> c == '\n').count());
        }

        private static IOException refused(Path file, String problem, String remedy) {
            return new IOException(file + ": " + problem + "; " + remedy);
        }
    }
}
