package org.stegokernels.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Reads text that people write: UTF-8 with or without a byte order mark (Windows' Notepad puts one), with the line ends
 * of any system.
 */
public final class TextFile {
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
                    file, "it has more than " + maxBytes + " bytes, too many for what it should be", "check the path");
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
                throw refused(file, "is no text: there is a zero byte in " + line(text.substring(0, zero)), SAVE_ANEW);
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
