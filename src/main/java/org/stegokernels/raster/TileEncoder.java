package org.stegokernels.raster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.util.List;
import java.util.zip.Deflater;

/**
 * Tiles of a TIFF of one band. Own code, since the JDK's writer can't be given rows as they come and compress them, and knows
 * no BigTIFF.
 */
final class TileEncoder implements RowWriter.Encoder {
    static final int BLACK_IS_ZERO = 1;
    static final int PALETTE = 3;

    private static final int SIDE = 256;
    private static final int DEFLATE = 8;

    private final OutputStream body;
    private final int width;
    private final int height;
    private final int pixelBytes;
    private final ByteOrder order;
    private final long classicBytes;
    private final List<TiffTag> coloring;
    private final List<TiffTag> geoTags;

    private final int across;
    private final Deflater deflater = new Deflater();
    /** The rows of the tiles that are being filled. */
    private final byte[] rows;

    private final byte[] tile;
    private final byte[] compressed = new byte[1 << 16];
    /** Position in the body and length of each tile. */
    private final long[] offsets;

    private final long[] counts;
    private int tiles;
    private int filledRows;
    private long written;

    /**
     * @param bits of a pixel: 8 or 16
     * @param order of bytes in the file, which is that of the tags
     * @param classicBytes from which length on the file is a BigTIFF
     */
    TileEncoder(
            OutputStream body,
            int width,
            int height,
            int bits,
            ByteOrder order,
            long classicBytes,
            List<TiffTag> coloring,
            List<TiffTag> geoTags) {
        this.body = body;
        this.width = width;
        this.height = height;
        this.order = order;
        this.classicBytes = classicBytes;
        this.coloring = coloring;
        this.geoTags = geoTags;
        pixelBytes = bits / 8;
        across = (width + SIDE - 1) / SIDE;
        rows = new byte[Math.multiplyExact(SIDE * pixelBytes, width)];
        tile = new byte[SIDE * SIDE * pixelBytes];
        offsets = new long[Math.multiplyExact(across, (height + SIDE - 1) / SIDE)];
        counts = new long[offsets.length];
    }

    @Override
    public void append(byte[] pixels) throws IOException {
        int rowBytes = width * pixelBytes;
        for (int from = 0; from < pixels.length; ) {
            int count = Math.min((SIDE - filledRows) * rowBytes, pixels.length - from);
            System.arraycopy(pixels, from, rows, filledRows * rowBytes, count);
            from += count;
            filledRows += count / rowBytes;
            if (filledRows == SIDE) {
                writeTiles();
            }
        }
    }

    private void writeTiles() throws IOException {
        if (pixelBytes == 2 && order == ByteOrder.LITTLE_ENDIAN) {
            for (int i = 0; i < rows.length; i += 2) {
                byte high = rows[i];
                rows[i] = rows[i + 1];
                rows[i + 1] = high;
            }
        }
        int rowBytes = width * pixelBytes;
        for (int column = 0; column < across; column++) {
            int left = column * SIDE;
            int bytes = Math.min(SIDE, width - left) * pixelBytes;
            for (int row = 0; row < filledRows; row++) {
                System.arraycopy(rows, row * rowBytes + left * pixelBytes, tile, row * SIDE * pixelBytes, bytes);
            }
            writeTile();
        }
        filledRows = 0;
    }

    private void writeTile() throws IOException {
        offsets[tiles] = written;
        deflater.reset();
        deflater.setInput(tile);
        deflater.finish();
        while (!deflater.finished()) {
            int count = deflater.deflate(compressed);
            body.write(compressed, 0, count);
            written += count;
        }
        counts[tiles] = written - offsets[tiles];
        tiles++;
    }

    @Override
    public byte[] finish() throws IOException {
        if (filledRows > 0) {
            writeTiles();
        }
        TiffHead classic = head(false, 0);
        boolean big = classic.length() + written >= classicBytes;
        return head(big, (big ? head(true, 0) : classic).length()).encode();
    }

    /** @param bodyAt where the tiles begin */
    private TiffHead head(boolean big, long bodyAt) {
        long[] positions = new long[offsets.length];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = bodyAt + offsets[i];
        }
        return new TiffHead(order, big)
                .putAll(geoTags)
                .putAll(coloring)
                .longs(TiffTag.IMAGE_WIDTH, width)
                .longs(TiffTag.IMAGE_LENGTH, height)
                .shorts(TiffTag.BITS_PER_SAMPLE, 8 * pixelBytes)
                .shorts(TiffTag.COMPRESSION, DEFLATE)
                .shorts(TiffTag.SAMPLES_PER_PIXEL, 1)
                .shorts(TiffTag.TILE_WIDTH, SIDE)
                .shorts(TiffTag.TILE_LENGTH, SIDE)
                .offsets(TiffTag.TILE_OFFSETS, positions)
                .offsets(TiffTag.TILE_BYTE_COUNTS, counts);
    }

    @Override
    public void end() {
        deflater.end();
    }
}
