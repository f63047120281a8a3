package org.stegokernels.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Names the ways to compress a TIFF that other programs know and this one does not. */
final class TiffCompression {
    private static final Map<Integer, String> UNKNOWN = Map.ofEntries(
            Map.entry(9, "JBIG"),
            Map.entry(10, "JBIG"),
            Map.entry(22610, "JPEG XR"),
            Map.entry(32766, "NeXT"),
            Map.entry(32771, "CCITT RLEW"),
            Map.entry(32809, "ThunderScan"),
            Map.entry(32908, "Pixar Film"),
            Map.entry(32909, "Pixar Log"),
            Map.entry(33003, "JPEG 2000"),
            Map.entry(33004, "JPEG 2000"),
            Map.entry(33005, "JPEG 2000"),
            Map.entry(34661, "JBIG"),
            Map.entry(34676, "SGI Log"),
            Map.entry(34677, "SGI Log24"),
            Map.entry(34712, "JPEG 2000"),
            Map.entry(34887, "LERC"),
            Map.entry(34892, "lossy JPEG of DNG"),
            Map.entry(34925, "LZMA"),
            Map.entry(34926, "Zstandard"),
            Map.entry(34927, "WebP"),
            Map.entry(34934, "JPEG XR"),
            Map.entry(50000, "Zstandard"),
            Map.entry(50001, "WebP"),
            Map.entry(50002, "JPEG XL"),
            Map.entry(52546, "JPEG XL"));

    private TiffCompression() {}

    /** @throws ImageException if the file is compressed in a way that is known not to be read */
    static void require(Path file, TiffHeader header) throws IOException {
        String name = UNKNOWN.get(header.integer(TiffHeader.COMPRESSION, 1));
        if (name != null) {
            throw new ImageException(
                    file, "is a TIFF compressed with " + name + ", which can't be read", "save it with Deflate or LZW");
        }
    }
}
