package org.stegokernels.image;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Formats of images that can't be read, so that such files are named and not passed over. */
enum UnreadFormat {
    HEIC("HEIC", 4, List.of("ftyphe", "ftypmif", "ftypmsf"), "heic", "heif", "hif"),
    AVIF("AVIF", 4, List.of("ftypavi"), "avif"),
    JPEG_2000("JPEG 2000", 0, List.of("\0\0\0\fjP  ", "\u00ffO\u00ffQ"), "jp2", "j2k", "j2c", "jpc", "jpx", "jpf"),
    JPEG_XL("JPEG XL", 0, List.of("\0\0\0\fJXL ", "\u00ff\n"), "jxl"),
    JPEG_XR("JPEG XR", 0, List.of("II\u00bc"), "jxr", "wdp", "hdp"),
    /** Most are TIFF files whose first image is a thumbnail, and known by their names only. */
    RAW(
            "camera raw",
            0,
            List.of("FUJIFILM", "IIRO", "IIU\0"),
            List.of(
                    "3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "iiq", "kdc", "mef", "mos", "mrw", "nef",
                    "nrw", "orf", "pef", "raf", "rw2", "rwl", "sr2", "srf", "srw", "x3f")),
    PHOTOSHOP("Photoshop", 0, List.of("8BPS"), "psd", "psb"),
    GIMP("GIMP", 0, List.of("gimp xcf"), "xcf"),
    SVG("SVG", 0, List.of("<svg"), "svg", "svgz"),
    PDF("PDF", 0, List.of("%PDF"), "pdf"),
    POSTSCRIPT("PostScript", 0, List.of("%!PS"), "eps"),
    PORTABLE_MAP("PNM", 0, List.of("P5\n", "P6\n", "P5 ", "P6 "), "pnm", "ppm", "pgm", "pbm"),
    TARGA("Targa", 0, List.of(), "tga"),
    OPEN_EXR("OpenEXR", 0, List.of("v/1\u0001"), "exr"),
    RADIANCE("Radiance HDR", 0, List.of("#?RADIANCE"), "hdr"),
    DICOM("DICOM", 0, List.of(), "dcm");

    private final String title;
    private final int offset;
    private final List<String> starts;
    private final List<String> extensions;

    UnreadFormat(String title, int offset, List<String> starts, String... extensions) {
        this(title, offset, starts, List.of(extensions));
    }

    UnreadFormat(String title, int offset, List<String> starts, List<String> extensions) {
        this.title = title;
        this.offset = offset;
        this.starts = starts;
        this.extensions = extensions;
    }

    /** Returns what people call it. */
    String title() {
        return title;
    }

    /** Returns the format that files of such a name have. */
    static Optional<UnreadFormat> ofName(Path file) {
        String name = String.valueOf(file.getFileName());
        String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(format -> format.extensions.contains(extension) && extension.length() < name.length())
                .findFirst();
    }

    /** Returns the format of a file that starts so. */
    static Optional<UnreadFormat> of(byte[] header) {
        String text = new String(header, StandardCharsets.ISO_8859_1);
        return Arrays.stream(values())
                .filter(format -> format.starts.stream().anyMatch(start -> text.startsWith(start, format.offset)))
                .findFirst();
    }
}
