package org.stegokernels.raster;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.PngWriter;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.ScratchFile;

/**
 * Writes a picture of one band while its rows come, from top to bottom, in memory for few of them: labels as 8-bit indices
 * into a palette, or 16-bit grey. What is compressed waits in a temporary file beside the target, which has no name on
 * Unix, until {@link #finish} writes all of it or nothing. One thread at a time.
 *
 * <p>TIFF is tiled and compressed with Deflate; it has the tags that tie the source to the ground, byte for byte, and in
 * label maps {@link LabelMap#IGNORE} is "no data". It is a BigTIFF only if it takes 4 GiB.
 */
public final class RowWriter implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;
    /** A TIFF that is no BigTIFF counts its bytes in 32 bits. */
    private static final long CLASSIC_BYTES = 1L << 32;

    /** Compresses rows. */
    interface Encoder {
        void append(byte[] rows) throws IOException;

        /** Writes what is left, and returns what comes before all that was written. */
        byte[] finish() throws IOException;

        /** Frees what is not in Java's heap. */
        void end();
    }

    /** Rows of a PNG. */
    private record PngEncoder(PngWriter.Rows rows) implements Encoder {
        @Override
        public void append(byte[] pixels) throws IOException {
            rows.append(pixels);
        }

        @Override
        public byte[] finish() throws IOException {
            rows.finish();
            return new byte[0];
        }

        @Override
        public void end() {
            rows.close();
        }
    }

    /** Makes an encoder that writes to a stream. */
    @FunctionalInterface
    private interface Encoding {
        Encoder to(OutputStream body) throws IOException;
    }

    private final Path target;
    private final int rowBytes;
    private final FileChannel scratch;
    private final OutputStream body;
    private final Encoder encoder;
    private long missing;
    private boolean closed;

    private RowWriter(Path target, int width, int height, int pixelBytes, Encoding encoding) throws IOException {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("no picture is " + width + "x" + height);
        }
        this.target = target;
        rowBytes = Math.multiplyExact(width, pixelBytes);
        missing = (long) height * rowBytes;
        AtomicFile.requireReplaceable(target);
        try {
            scratch = ScratchFile.create(target.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw FileErrors.writing(target, e);
        }
        body = new BufferedOutputStream(Channels.newOutputStream(scratch), BUFFER_BYTES);
        encoder = encoding.to(body);
    }

    /**
     * Begins a label map as a TIFF.
     *
     * @param geoReference of the source, or null
     * @throws IOException if the file can't be written; the message names it and what to do
     */
    public static RowWriter labelTiff(Path target, int width, int height, Palette colors, GeoReference geoReference)
            throws IOException {
        return labelTiff(target, width, height, colors, geoReference, CLASSIC_BYTES);
    }

    /** @param classicBytes from which length on it is a BigTIFF */
    static RowWriter labelTiff(
            Path target, int width, int height, Palette colors, GeoReference geoReference, long classicBytes)
            throws IOException {
        ByteOrder order = order(geoReference);
        List<TiffTag> coloring = List.of(
                TiffTag.shorts(order, TiffTag.PHOTOMETRIC, TileEncoder.PALETTE),
                TiffTag.shorts(order, TiffTag.COLOR_MAP, colorMap(colors)),
                TiffTag.ascii(TiffTag.NO_DATA, String.valueOf(LabelMap.IGNORE)));
        return new RowWriter(
                target,
                width,
                height,
                1,
                body -> new TileEncoder(body, width, height, 8, order, classicBytes, coloring, tags(geoReference)));
    }

    /** Begins a grey picture of 16 bits as a TIFF. Parameters and errors are those of {@link #labelTiff}. */
    public static RowWriter grey16Tiff(Path target, int width, int height, GeoReference geoReference)
            throws IOException {
        ByteOrder order = order(geoReference);
        List<TiffTag> grey = List.of(TiffTag.shorts(order, TiffTag.PHOTOMETRIC, TileEncoder.BLACK_IS_ZERO));
        return new RowWriter(
                target,
                width,
                height,
                2,
                body -> new TileEncoder(body, width, height, 16, order, CLASSIC_BYTES, grey, tags(geoReference)));
    }

    /** Begins a label map as a palette PNG. */
    public static RowWriter labelPng(Path target, int width, int height, Palette colors) throws IOException {
        return new RowWriter(
                target,
                width,
                height,
                1,
                body -> new PngEncoder(PalettePng.rows(body, width, height, colors, LabelMap.IGNORE)));
    }

    /** Begins a grey picture of 16 bits as a PNG. */
    public static RowWriter grey16Png(Path target, int width, int height) throws IOException {
        return new RowWriter(
                target, width, height, 2, body -> new PngEncoder(PngWriter.gray16Rows(body, width, height)));
    }

    private static ByteOrder order(GeoReference geoReference) {
        return geoReference == null ? ByteOrder.LITTLE_ENDIAN : geoReference.order();
    }

    private static List<TiffTag> tags(GeoReference geoReference) {
        return geoReference == null ? List.of() : geoReference.tags();
    }

    /** Returns all reds, then greens, and blues, from 0 to 65535. */
    private static int[] colorMap(Palette colors) {
        int[] map = new int[3 * 256];
        for (int id = 0; id < 256; id++) {
            for (int channel = 0; channel < 3; channel++) {
                map[256 * channel + id] = 257 * (colors.color(id) >> (16 - 8 * channel) & 0xFF);
            }
        }
        return map;
    }

    /**
     * Writes the next rows.
     *
     * @param rows of pixels [rows, width]: labels, one byte each, or grey of 16 bits, unsigned and big-endian
     * @throws IOException if the disk is full or the like; the message names the target
     * @throws IllegalArgumentException if they are no whole rows, or more than the picture has
     * @throws IllegalStateException if the writer is closed
     */
    public void append(byte[] rows) throws IOException {
        requireOpen();
        if (rows.length % rowBytes != 0 || rows.length > missing) {
            throw new IllegalArgumentException(rows.length + " bytes are not some of the " + missing / rowBytes
                    + " rows of " + rowBytes + " bytes that " + target + " lacks");
        }
        try {
            encoder.append(rows);
        } catch (IOException e) {
            throw FileErrors.writing(target, e);
        }
        missing -= rows.length;
    }

    /**
     * Writes the file, after its last row.
     *
     * @throws IOException as {@link #append}
     * @throws IllegalStateException if rows are missing, or the writer is closed
     */
    public void finish() throws IOException {
        finish(AtomicFile::write);
    }

    /** As {@link #finish()}, by a writer of files that does more than to write them. */
    public void finish(AtomicFile.Target files) throws IOException {
        requireOpen();
        if (missing > 0) {
            throw new IllegalStateException(target + " lacks " + missing / rowBytes + " rows");
        }
        byte[] head;
        try {
            head = encoder.finish();
            body.flush();
        } catch (IOException e) {
            throw FileErrors.writing(target, e);
        }
        files.write(target, out -> {
            out.write(head);
            Channels.newInputStream(scratch.position(0)).transferTo(out);
        });
        close();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the writer of " + target + " is closed");
        }
    }

    /** Gives up the file, unless it is finished. */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            encoder.end();
            scratch.close();
        }
    }
}
