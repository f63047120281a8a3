package org.stegokernels.image;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.stegokernels.io.AtomicFile;

/**
 * Writes PNG (ISO/IEC 15948). Own code, since ImageIO takes more than twice as long, makes files a
 * quarter larger, and has to be loaded first; see {@code PngWriteBenchmark}.
 */
public final class PngWriter {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final int GRAY = 0;
    private static final int RGB = 2;
    private static final int INDEXED = 3;
    private static final int RGBA = 6;
    private static final int FILTER_NONE = 0;
    private static final int FILTER_UP = 2;
    /** Above this, files of photographs shrink by 4% and take half as long again. */
    private static final int RGB_EFFORT = 2;

    private static final int INDEXED_EFFORT = 6;
    private static final int CHUNK_BYTES = 1 << 16;

    private PngWriter() {}

    /**
     * Writes a photograph, whole or not at all.
     *
     * @throws IOException if the file can't be written; the message names it and what to do
     */
    public static void write(Path file, RgbImage image) throws IOException {
        AtomicFile.write(file, out -> write(out, image));
    }

    /** Writes a photograph to a stream, which stays open. */
    public static void write(OutputStream out, RgbImage image) throws IOException {
        writeHead(out, image.width(), image.height(), 8, RGB);
        writeRows(out, image.rgb(), 3 * image.width(), FILTER_UP, RGB_EFFORT);
    }

    /**
     * Writes a grey picture of 16 bits to a stream, which stays open.
     *
     * @param values unsigned, big-endian [height, width, 2]
     */
    public static void writeGray16(OutputStream out, int width, int height, byte[] values) throws IOException {
        requireLength(values, 2, width, height);
        writeHead(out, width, height, 16, GRAY);
        writeRows(out, values, 2 * width, FILTER_UP, INDEXED_EFFORT);
    }

    /**
     * Writes a picture with opacity to a stream, which stays open.
     *
     * @param values unsigned bytes [height, width, 4]: red, green, blue, opacity
     */
    public static void writeRgba(OutputStream out, int width, int height, byte[] values) throws IOException {
        requireLength(values, 4, width, height);
        writeHead(out, width, height, 8, RGBA);
        writeRows(out, values, 4 * width, FILTER_UP, RGB_EFFORT);
    }

    private static void requireLength(byte[] values, int pixelBytes, int width, int height) {
        if (width < 1 || height < 1 || values.length != (long) pixelBytes * width * height) {
            throw new IllegalArgumentException("a picture of " + width + "x" + height + " at " + pixelBytes
                    + " bytes a pixel can't be made of " + values.length + " bytes");
        }
    }

    private static void writeHead(OutputStream out, int width, int height, int bits, int colorType) throws IOException {
        out.write(SIGNATURE);
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        DataOutputStream fields = new DataOutputStream(header);
        fields.writeInt(width);
        fields.writeInt(height);
        fields.writeByte(bits);
        fields.writeByte(colorType);
        fields.write(new byte[3]);
        writeChunk(out, "IHDR", header.toByteArray(), header.size());
    }

    private static void writeRows(OutputStream out, byte[] pixels, int rowBytes, int filter, int effort)
            throws IOException {
        try (Rows rows = new Rows(out, rowBytes, filter, effort)) {
            rows.append(pixels);
            rows.finish();
        }
    }

    /**
     * Begins a picture of colours by index whose rows come later.
     *
     * @param palette red, green and blue of up to 256 colours; has one for every index
     */
    static Rows indexedRows(OutputStream out, int width, int height, byte[] palette) throws IOException {
        writeHead(out, width, height, 8, INDEXED);
        writeChunk(out, "PLTE", palette, palette.length);
        return new Rows(out, width, FILTER_NONE, INDEXED_EFFORT);
    }

    /** Begins a grey picture of ids whose rows come later: unsigned bytes [height, width]. */
    public static Rows grayRows(OutputStream out, int width, int height) throws IOException {
        writeHead(out, width, height, 8, GRAY);
        return new Rows(out, width, FILTER_NONE, INDEXED_EFFORT);
    }

    /** Begins a picture of colours whose rows come later: red, green and blue [height, width, 3]. */
    public static Rows rgbRows(OutputStream out, int width, int height) throws IOException {
        writeHead(out, width, height, 8, RGB);
        return new Rows(out, 3 * width, FILTER_UP, RGB_EFFORT);
    }

    /** Begins a grey picture of 16 bits whose rows come later: unsigned, big-endian [height, width, 2]. */
    public static Rows gray16Rows(OutputStream out, int width, int height) throws IOException {
        writeHead(out, width, height, 16, GRAY);
        return new Rows(out, 2 * width, FILTER_UP, INDEXED_EFFORT);
    }

    /** The rows of a picture, compressed as they come, from top to bottom. */
    public static final class Rows implements AutoCloseable {
        private final OutputStream out;
        private final int rowBytes;
        private final int filter;
        private final Deflater deflater;
        private final byte[] row;
        private final byte[] above;
        private final byte[] chunk = new byte[CHUNK_BYTES];
        private int filled;

        private Rows(OutputStream out, int rowBytes, int filter, int effort) {
            this.out = out;
            this.rowBytes = rowBytes;
            this.filter = filter;
            deflater = new Deflater(effort);
            row = new byte[1 + rowBytes];
            row[0] = (byte) filter;
            above = new byte[rowBytes];
        }

        /**
         * Appends the next rows.
         *
         * @param pixels of whole rows
         */
        public void append(byte[] pixels) throws IOException {
            for (int from = 0; from < pixels.length; from += rowBytes) {
                System.arraycopy(pixels, from, row, 1, rowBytes);
                if (filter == FILTER_UP) {
                    for (int i = 0; i < rowBytes; i++) {
                        row[1 + i] -= above[i];
                    }
                    System.arraycopy(pixels, from, above, 0, rowBytes);
                }
                deflater.setInput(row);
                drain();
            }
        }

        /** Ends the picture after its last row. The stream stays open. */
        public void finish() throws IOException {
            deflater.finish();
            drain();
            writeChunk(out, "IDAT", chunk, filled);
            writeChunk(out, "IEND", new byte[0], 0);
        }

        /** Takes all that is compressed, and writes each chunk that is full. */
        private void drain() throws IOException {
            while (true) {
                int count = deflater.deflate(chunk, filled, chunk.length - filled);
                if (count == 0) {
                    return;
                }
                filled += count;
                if (filled == chunk.length) {
                    writeChunk(out, "IDAT", chunk, filled);
                    filled = 0;
                }
            }
        }

        @Override
        public void close() {
            deflater.end();
        }
    }

    private static void writeChunk(OutputStream out, String type, byte[] content, int length) throws IOException {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 checksum = new CRC32();
        checksum.update(name);
        checksum.update(content, 0, length);
        DataOutputStream chunk = new DataOutputStream(out);
        chunk.writeInt(length);
        chunk.write(name);
        chunk.write(content, 0, length);
        chunk.writeInt((int) checksum.getValue());
    }
}
