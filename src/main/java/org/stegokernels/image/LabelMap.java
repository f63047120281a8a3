package org.stegokernels.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.io.AtomicFile;

/**
 * A class id for every pixel.
 *
 * @param width in pixels, at least 1
 * @param height in pixels, at least 1
 * @param labels unsigned bytes [height, width]: class ids 0 to 254, or {@link #IGNORE}; not copied
 */
public record LabelMap(int width, int height, byte[] labels) {
    /** The label of a pixel without class: not scored, not counted, drawn black. */
    public static final int IGNORE = 255;

    /**
     * Checks the number of labels.
     *
     * @throws IllegalArgumentException if a side is below 1 or the array is not of length height x width
     */
    public LabelMap {
        if (width < 1 || height < 1 || labels.length != (long) width * height) {
            throw new IllegalArgumentException(
                    "a label map of " + width + "x" + height + " can't be made of " + labels.length + " bytes");
        }
    }

    /**
     * Returns the label of one pixel, 0 to 255.
     *
     * @throws IndexOutOfBoundsException if there is no such pixel
     */
    public int label(int x, int y) {
        if (x < 0 || x >= width || y < 0 || y >= height) {
            throw new IndexOutOfBoundsException(
                    "pixel (" + x + ", " + y + ") of a label map of " + width + "x" + height);
        }
        return labels[y * width + x] & 0xFF;
    }

    /** Returns the number of pixels of each label; length 256. */
    public int[] counts() {
        int[] counts = new int[256];
        for (byte label : labels) {
            counts[label & 0xFF]++;
        }
        return counts;
    }

    /**
     * Returns a copy of type {@link BufferedImage#TYPE_BYTE_INDEXED}, whose indices are the labels.
     *
     * @param palette the colours of the classes; labels beyond it, as {@link #IGNORE} mostly is, are black
     */
    public BufferedImage toImage(Palette palette) {
        int[] colors = new int[256];
        for (int id = 0; id < colors.length; id++) {
            colors[id] = palette.color(id);
        }
        IndexColorModel model = new IndexColorModel(8, colors.length, colors, 0, false, -1, DataBuffer.TYPE_BYTE);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, model);
        image.getRaster().setDataElements(0, 0, width, height, labels);
        return image;
    }

    /**
     * A colour for each class id.
     *
     * @param rgb 0xRRGGBB of class 0, 1, ...; 1 to 256 entries; not copied
     */
    public record Palette(int[] rgb) {
        /** The colour of pixels without class. */
        public static final int IGNORED = 0x000000;

        /**
         * Checks the number of colours.
         *
         * @throws IllegalArgumentException if there is no entry or there are more than 256
         */
        public Palette {
            if (rgb.length < 1 || rgb.length > 256) {
                throw new IllegalArgumentException("a palette has 1 to 256 colours, not " + rgb.length);
            }
        }

        /** Returns the number of colours. */
        public int size() {
            return rgb.length;
        }

        /** Returns the colour of a class as 0xRRGGBB; {@link #IGNORED} for an id beyond the last, as 255 mostly is. */
        public int color(int id) {
            return id < rgb.length ? rgb[id] & 0xFFFFFF : IGNORED;
        }

        /**
         * Returns the first {@code n} of a fixed sequence of 255 colours, in which each lies as far as may be from all
         * before it
         * and from black and white. The first are of middling lightness and strength, to look well over a photograph.
         *
         * @param n 1 to 255
         */
        public static Palette distinct(int n) {
            if (n < 1 || n > 255) {
                throw new IllegalArgumentException("there are 1 to 255 distinct colours, not " + n);
            }
            return new Palette(DistinctColors.first(n));
        }
    }

    /**
     * Label maps as 8-bit palette PNG: the indices are the class ids, the palette shows them in their colours. Any image
     * viewer shows the colours; Pillow's {@code Image.open} gives the ids back as they are.
     */
    public static final class PalettePng {
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
            try (PngWriter.Rows rows = rows(out, map.width(), map.height(), colors, highest)) {
                rows.append(map.labels());
                rows.finish();
            }
        }

        /**
         * Begins a label map whose rows come later, one byte a pixel. The file is that of {@link #write(OutputStream,
         * LabelMap, Palette)}.
         *
         * @param highest no label is higher
         */
        public static PngWriter.Rows rows(OutputStream out, int width, int height, Palette colors, int highest)
                throws IOException {
            int entries = highest < colors.size() ? colors.size() : 256;
            return PngWriter.indexedRows(out, width, height, palette(colors, entries));
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
                        "is no label map: its pixels are "
                                + (raster.getNumBands() == 2 ? "grey with opacity" : "colours") + ", not class ids",
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
                                "its pixels are grey of 16 bits, and that at column " + x + ", row " + y + " is "
                                        + row[x] + ", but class ids go to 255",
                                "save class ids as an 8-bit grey or palette PNG");
                    }
                    labels[y * width + x] = (byte) row[x];
                }
            }
            return new LabelMap(width, raster.getHeight(), labels);
        }
    }
}
