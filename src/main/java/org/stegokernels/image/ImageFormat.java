package org.stegokernels.image;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The file formats that can be read, distinguished by their first bytes, never by the name of the file. */
enum ImageFormat {
    JPEG("jpg", "jpeg", "jpe", "jfif"),
    PNG("png"),
    GIF("gif"),
    BMP("bmp"),
    WEBP("webp"),
    TIFF("tif", "tiff"),
    BIG_TIFF();

    /** The number of bytes of a file that {@link #of} wants to see. */
    static final int HEADER_BYTES = 12;

    private final List<String> extensions;

    ImageFormat(String... extensions) {
        this.extensions = List.of(extensions);
    }

    /** Returns the format that starts so, or null. */
    static ImageFormat of(byte[] header) {
        if (starts(header, 0, 0xFF, 0xD8, 0xFF)) {
            return JPEG;
        }
        if (starts(header, 0, 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n')) {
            return PNG;
        }
        if (starts(header, 0, 'G', 'I', 'F', '8')) {
            return GIF;
        }
        if (starts(header, 0, 'R', 'I', 'F', 'F') && starts(header, 8, 'W', 'E', 'B', 'P')) {
            return WEBP;
        }
        if (starts(header, 0, 'I', 'I', 42, 0) || starts(header, 0, 'M', 'M', 0, 42)) {
            return TIFF;
        }
        if (starts(header, 0, 'I', 'I', 43, 0) || starts(header, 0, 'M', 'M', 0, 43)) {
            return BIG_TIFF;
        }
        if (starts(header, 0, 'B', 'M')) {
            return BMP;
        }
        return null;
    }

    /** Returns whether a file name ends as those of these formats do. */
    static boolean hasExtension(String fileName) {
        int dot = fileName.lastIndexOf('.');
        String extension = fileName.substring(dot + 1).toLowerCase(Locale.ROOT);
        return dot >= 0 && Arrays.stream(values()).anyMatch(format -> format.extensions.contains(extension));
    }

    private static boolean starts(byte[] header, int offset, int... expected) {
        if (header.length < offset + expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if ((header[offset + i] & 0xFF) != expected[i]) {
                return false;
            }
        }
        return true;
    }
}
