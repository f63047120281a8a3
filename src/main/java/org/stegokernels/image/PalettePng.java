package org.stegokernels.image;

import java.awt.image.Raster;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.stegokernels.image.LabelMap.Palette;
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
        AtomicFile.write(file, out -> write(out, map, colors));
    }

    /** Writes a label map to a stream, which stays open. */
    public static void write(OutputStream out, LabelMap map, Palette colors) throws IOException {
        int highest = 0;
        for (byte label : map.labels()) {
            highest = Math.max(highest, label & 0xFF);
        }
        byte[] palette = palette(colors, highest < colors.size() ? colors.size() : 256);
        try (PngWriter.Rows rows = PngWriter.indexedRows(out, map.width(), map.height(), palette)) {
            rows.append(map.labels());
            rows.finish();
        }
    }

    /** Begins a label map whose rows come later, one byte a pixel. The file's palette has 256 entries. */
    public static PngWriter.Rows rows(OutputStream out, int width, int height, Palette colors) throws IOException {
        return PngWriter.indexedRows(out, width, height, palette(colors, 256));
    }

    private static byte[] palette(Palette colors, int entries) {
        byte[] palette = new byte[3 * entries];
        for (int id = 0; id < colors.size(); id++) {
            palette[3 * id] = (byte) (colors.color(id) >> 16);
            palette[3 * id + 1] = (byte) (colors.color(id) >> 8);
            palette[3 * id + 2] = (byte) colors.color(id);
        }
        return palette;
    }

    /** Reads a label map within the {@linkplain ImageReader.Limits#DEFAULT usual limits}. */
    public static LabelMap read(Path file) {
        return read(file, ImageReader.Limits.DEFAULT);
    }

    /**
     * Reads the indices of a palette image, or the values of a grey one of up to 16 bits, as class ids.
     *
     * @throws ImageException as {@link ImageReader#read(Path)}, and if it is no PNG (JPEG would blur the ids), its
     *     pixels are colours, or one has an id beyond 255
     */
    public static LabelMap read(Path file, ImageReader.Limits limits) {
        Raster raster = ImageReader.readPng(file, limits).getRaster();
        if (raster.getNumBands() != 1) {
            throw new ImageException(
                    file,
                    "is no label map: its pixels are " + (raster.getNumBands() == 2 ? "grey with opacity" : "colours")
                            + ", not class ids",
                    "save it as a palette or 8-bit grey PNG");
        }
        int width = raster.getWidth();
        byte[] labels = new byte[width * raster.getHeight()];
        int[] row = new int[width];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getSamples(0, y, width, 1, 0, row);
            for (int x = 0; x < width; x++) {
                if (row[x] > LabelMap.IGNORE) {
                    throw new ImageException(
                            file,
                            "its pixels are grey of 16 bits, and that at column " + x + ", row " + y + " is " + row[x]
                                    + ", but class ids go to 255",
                            "save class ids as an 8-bit grey or palette PNG");
                }
                labels[y * width + x] = (byte) row[x];
            }
        }
        return new LabelMap(width, raster.getHeight(), labels);
    }
}
