package org.stegokernels.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.io.IOException;
import java.nio.file.Path;
import org.stegokernels.io.AtomicFile;

/**
 * Label maps as 8-bit palette PNG: the indices are the class ids, the palette shows them in their colours. Any image
 * viewer shows the colours; Pillow's {@code Image.open} gives the ids back as they are.
 */
public final class PalettePng {
    private PalettePng() {}

    /**
     * Writes a label map, whole or not at all. The file's palette has as many entries as {@code colors}, or 256 if a
     * label lies beyond (as {@link LabelMap#IGNORE} does); those without colour are black.
     *
     * @throws IOException if the file can't be written; the message names it and what to do
     */
    public static void write(Path file, LabelMap map, Palette colors) throws IOException {
        int highest = 0;
        for (byte label : map.labels()) {
            highest = Math.max(highest, label & 0xFF);
        }
        byte[] palette = new byte[3 * (highest < colors.size() ? colors.size() : 256)];
        for (int id = 0; id < colors.size(); id++) {
            palette[3 * id] = (byte) (colors.color(id) >> 16);
            palette[3 * id + 1] = (byte) (colors.color(id) >> 8);
            palette[3 * id + 2] = (byte) colors.color(id);
        }
        AtomicFile.write(file, out -> PngWriter.writeIndexed(out, map.width(), map.height(), map.labels(), palette));
    }

    /**
     * Reads the indices of a palette image, or the values of an 8-bit grey one, as class ids.
     *
     * @throws ImageException as {@link ImageReader#read(Path)}, and if it is no PNG (JPEG would blur the ids) or its
     *     pixels are colours
     */
    public static LabelMap read(Path file) {
        ImageReader.Decoded decoded = ImageReader.decode(file, ImageReader.DEFAULT_MAX_PIXELS);
        if (decoded.format() != ImageFormat.PNG) {
            throw new ImageException(
                    file, "is no label map: it is " + decoded.format() + ", not PNG", "save it as a palette PNG");
        }
        BufferedImage image = decoded.image();
        if (image.getRaster().getNumBands() != 1 || image.getRaster().getTransferType() != DataBuffer.TYPE_BYTE) {
            throw new ImageException(
                    file,
                    "is no label map: its pixels are colours, not class ids",
                    "save it as a palette or 8-bit grey PNG");
        }
        int width = image.getWidth();
        byte[] labels = new byte[width * image.getHeight()];
        int[] row = new int[width];
        int to = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRaster().getSamples(0, y, width, 1, 0, row);
            for (int label : row) {
                labels[to++] = (byte) label;
            }
        }
        return new LabelMap(width, image.getHeight(), labels);
    }
}
