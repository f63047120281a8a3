package org.stegokernels.raster;

import java.awt.Rectangle;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.PixelReader;
import org.stegokernels.raster.BlockCache.Block;
import org.stegokernels.raster.Raster.Region;
import org.stegokernels.raster.Raster.SampleType;

/**
 * A TIFF file, decoded tile by tile; strips are tiles as wide as the picture. Each tile is handed to the decoder as a TIFF
 * file of its own: the decoder's own way of reading a region decodes everything above it. Long strips are cut into parts, so
 * that memory stays bounded; where a part lies in a compressed strip, what is above it is decoded again.
 */
final class TiffSource implements SampleSource {
    /** The most bytes of decoded pixels in a part of a tile, unless one row has more. */
    private static final long PART_BYTES = 64L << 20;
    /** The most bytes of one row of a tile. */
    private static final long ROW_BYTES = 256L << 20;

    /** The most bytes of a tile whose length isn't given. */
    private static final long MOST_TILE_BYTES = 1L << 30;

    private static final long LEAST_CACHE_BYTES = 64L << 20;
    /** Only the tiles that the next row of regions overlaps are used again. */
    private static final long MOST_TILE_CACHE_BYTES = 256L << 20;
    /** The cache takes at most the heap divided by this. */
    private static final int CACHE_SHARE = 3;

    private static final int UNCOMPRESSED = 1;
    private static final int OLD_JPEG = 6;
    private static final int JPEG = 7;

    private static final int WHITE_IS_ZERO = 0;
    private static final int BLACK_IS_ZERO = 1;
    private static final int RGB = 2;
    private static final int PALETTE = 3;
    private static final int CMYK = 5;
    private static final int YCBCR = 6;
    private static final int PLANAR = 2;
    private static final int ASSOCIATED_ALPHA = 1;
    private static final int UNASSOCIATED_ALPHA = 2;

    /** Tags that say how the bytes of a tile become samples. */
    private static final List<Integer> CODING = List.of(
            TiffTag.COMPRESSION,
            TiffTag.FILL_ORDER,
            TiffTag.T4_OPTIONS,
            TiffTag.T6_OPTIONS,
            TiffTag.PREDICTOR,
            TiffTag.JPEG_TABLES);

    /** Tags that say how samples become colours. */
    private static final List<Integer> COLORING = List.of(
            TiffTag.PHOTOMETRIC,
            TiffTag.BITS_PER_SAMPLE,
            TiffTag.SAMPLES_PER_PIXEL,
            TiffTag.SAMPLE_FORMAT,
            TiffTag.EXTRA_SAMPLES,
            TiffTag.COLOR_MAP,
            TiffTag.INK_SET,
            TiffTag.NUMBER_OF_INKS,
            TiffTag.YCBCR_COEFFICIENTS,
            TiffTag.YCBCR_SUBSAMPLING,
            TiffTag.YCBCR_POSITIONING,
            TiffTag.REFERENCE_BLACK_WHITE);

    private final TiffFile file;
    private final Samples samples;
    /** True if the decoder makes red, green and blue of the stored samples. */
    private final boolean colors;

    private final boolean planar;
    private final boolean tiled;
    private final int tileWidth;
    private final int tileHeight;
    private final int tilesAcross;
    private final int tilesDown;
    private final int storedBits;
    private final int storedBands;
    /** True if rows of a tile can be found without decoding those above. */
    private final boolean seekable;

    private final int partRows;
    private final List<TiffTag> tileTags;
    private final BlockCache cache = new BlockCache();

    /** A part of a tile, of one band if the bands are stored apart. */
    private record Part(int plane, int tileRow, int tileColumn, int index) {}

    private TiffSource(TiffFile file, boolean upright, boolean indices) throws IOException {
        this.file = file;
        int width = file.integer(TiffTag.IMAGE_WIDTH, 0);
        int height = file.integer(TiffTag.IMAGE_LENGTH, 0);
        if (width < 1 || height < 1) {
            throw new ImageException(
                    file.path(), "its size of " + width + "x" + height + " is impossible", TiffFile.DAMAGED);
        }
        storedBands = file.integer(TiffTag.SAMPLES_PER_PIXEL, 1);
        storedBits = file.integer(TiffTag.BITS_PER_SAMPLE, 1);
        if (storedBands < 1 || storedBands > 0xFFFF || storedBits < 1 || storedBits > 64) {
            throw file.damaged(storedBands + " bands of " + storedBits + " bits");
        }
        int photometric = file.integer(TiffTag.PHOTOMETRIC, BLACK_IS_ZERO);
        int compression = file.integer(TiffTag.COMPRESSION, UNCOMPRESSED);
        planar = file.integer(TiffTag.PLANAR_CONFIGURATION, 1) == PLANAR && storedBands > 1;
        colors = !(indices && photometric == PALETTE)
                && makesColors(photometric, compression, planar, storedBits, storedBands);
        seekable = compression == UNCOMPRESSED && photometric != YCBCR;
        tiled = file.count(TiffTag.TILE_OFFSETS) > 0;
        tileWidth = tiled ? file.integer(TiffTag.TILE_WIDTH, 0) : width;
        tileHeight = tiled ? file.integer(TiffTag.TILE_LENGTH, 0) : (int) Math.min(height, rowsPerStrip(file, height));
        if (tileWidth < 1 || tileHeight < 1) {
            throw file.damaged("tiles of " + tileWidth + "x" + tileHeight);
        }
        tilesAcross = (int) (((long) width + tileWidth - 1) / tileWidth);
        tilesDown = (int) (((long) height + tileHeight - 1) / tileHeight);
        samples = samples(width, height, photometric, upright);
        partRows = (int) Math.min(tileHeight, Math.max(1, PART_BYTES / requireRow()));
        tileTags = tileTags(photometric);
    }

    /**
     * Returns the file's samples, or null if it is one to be decoded whole. It stays open in the former case only.
     *
     * @param upright true if the orientation is to be ignored
     * @param indices true if those into a palette are the samples, not its colours
     */
    static TiffSource of(TiffFile file, boolean upright, boolean indices) throws IOException {
        int photometric = file.integer(TiffTag.PHOTOMETRIC, BLACK_IS_ZERO);
        boolean apart = file.integer(TiffTag.PLANAR_CONFIGURATION, 1) == PLANAR
                && file.integer(TiffTag.SAMPLES_PER_PIXEL, 1) > 1;
        boolean whole = file.integer(TiffTag.COMPRESSION, UNCOMPRESSED) == OLD_JPEG || apart && photometric > RGB;
        return whole ? null : new TiffSource(file, upright, indices);
    }

    private static boolean makesColors(int photometric, int compression, boolean planar, int bits, int bands) {
        if (planar) {
            return false;
        }
        return photometric > RGB || compression == JPEG || bits < 8 && bands > 1;
    }

    private static long rowsPerStrip(TiffFile file, int height) throws IOException {
        return file.count(TiffTag.ROWS_PER_STRIP) == 0 ? height : file.integer(TiffTag.ROWS_PER_STRIP, 0L);
    }

    private Samples samples(int width, int height, int photometric, boolean upright) throws IOException {
        int orientation = upright ? 1 : file.integer(TiffTag.ORIENTATION, 1);
        orientation = orientation < 1 || orientation > 8 ? 1 : orientation;
        if (colors) {
            // An index into a palette is no sample of red, green or blue.
            double noData = photometric <= RGB || photometric == YCBCR ? file.noData() : Double.NaN;
            return new Samples(width, height, 3, SampleType.UINT8, 8, Samples.NONE, false, false, orientation, noData);
        }
        int extra = (int) file.count(TiffTag.EXTRA_SAMPLES);
        int first = photometric == RGB ? 3 : 1;
        int alpha = Samples.NONE;
        boolean premultiplied = false;
        for (int i = 0; i < extra && first + i < storedBands && alpha == Samples.NONE; i++) {
            long meaning = file.integer(TiffTag.EXTRA_SAMPLES, (long) i);
            if (meaning == ASSOCIATED_ALPHA || meaning == UNASSOCIATED_ALPHA) {
                alpha = first + i;
                premultiplied = meaning == ASSOCIATED_ALPHA;
            }
        }
        if (extra == 0 && storedBands == first + 1) {
            // The tag is mandatory, but old writers of RGBA leave it out.
            alpha = first;
        }
        SampleType type = type();
        // Written with fewer digits than a double has, it must still equal the sample.
        double noData = type == SampleType.FLOAT32 ? (float) file.noData() : file.noData();
        return new Samples(
                width,
                height,
                storedBands,
                type,
                storedBits,
                alpha,
                premultiplied,
                photometric == WHITE_IS_ZERO,
                orientation,
                noData);
    }

    private SampleType type() throws IOException {
        int format = file.integer(TiffTag.SAMPLE_FORMAT, 1);
        SampleType type = switch (format) {
            case 1, 4 -> storedBits <= 8 ? SampleType.UINT8 : storedBits <= 16 ? SampleType.UINT16 : SampleType.UINT32;
            case 2 -> storedBits <= 8 ? SampleType.INT8 : storedBits <= 16 ? SampleType.INT16 : SampleType.INT32;
            case 3 -> storedBits <= 32 ? SampleType.FLOAT32 : SampleType.FLOAT64;
            default ->
                throw new ImageException(file.path(), "its samples are complex numbers", "save their absolute values");
        };
        if (storedBits > type.bits()) {
            throw new ImageException(
                    file.path(),
                    "its samples are integers of " + storedBits + " bits, which can't be read",
                    "save them with 32 bits or as floating-point numbers");
        }
        return type;
    }

    /** Returns the bytes of a decoded row of a tile. */
    private long requireRow() {
        long bytes = (long) tileWidth
                * (colors || !planar ? samples.bands() : 1)
                * samples.type().bits()
                / 8;
        if (bytes > ROW_BYTES) {
            throw new ImageException(
                    file.path(),
                    String.format(Locale.ROOT, "each row of its tiles has %d MiB", bytes >> 20),
                    "save it in tiles of 256 x 256 pixels");
        }
        return bytes;
    }

    private List<TiffTag> tileTags(int photometric) throws IOException {
        TiffHead tags = new TiffHead(file.order(), false);
        for (int number : CODING) {
            copy(number, tags);
        }
        if (colors) {
            for (int number : COLORING) {
                copy(number, tags);
            }
            if (photometric == CMYK) {
                copy(TiffTag.ICC_PROFILE, tags);
            }
        } else {
            int bands = planar ? 1 : storedBands;
            tags.shorts(TiffTag.PHOTOMETRIC, BLACK_IS_ZERO);
            tags.shorts(TiffTag.SAMPLES_PER_PIXEL, bands);
            tags.shorts(TiffTag.BITS_PER_SAMPLE, repeated(storedBits, bands));
            tags.shorts(TiffTag.SAMPLE_FORMAT, repeated(file.integer(TiffTag.SAMPLE_FORMAT, 1), bands));
            if (bands > 1) {
                tags.shorts(TiffTag.EXTRA_SAMPLES, repeated(0, bands - 1));
            }
        }
        return List.copyOf(tags.tags());
    }

    private void copy(int number, TiffHead tags) throws IOException {
        TiffTag tag = file.tag(number);
        if (tag != null) {
            tags.put(tag);
        }
    }

    private static int[] repeated(int value, int count) {
        int[] values = new int[count];
        Arrays.fill(values, value);
        return values;
    }

    @Override
    public Samples samples() {
        return samples;
    }

    @Override
    public void read(Region region, int[] bands, Run run) throws IOException {
        reserve(region, bands.length);
        Block[] blocks = new Block[bands.length];
        double[][] row = new double[bands.length][Math.min(region.width(), tileWidth)];
        int bottom = region.y() + region.height();
        for (int top = region.y(); top < bottom; top = partEnd(top)) {
            int right = region.x() + region.width();
            for (int left = region.x(); left < right; left = tileEnd(left)) {
                for (int i = 0; i < bands.length; i++) {
                    blocks[i] = block(planar ? bands[i] : 0, left, top);
                }
                int count = Math.min(right, tileEnd(left)) - left;
                for (int y = top; y < Math.min(bottom, partEnd(top)); y++) {
                    for (int i = 0; i < bands.length; i++) {
                        fill(blocks[i], planar ? 0 : bands[i], left % tileWidth, y - partStart(top), count, row[i]);
                    }
                    run.accept(left, y, count, row);
                }
            }
        }
    }

    private int tileEnd(int x) {
        return (int) Math.min(samples.width(), ((long) x / tileWidth + 1) * tileWidth);
    }

    private int partStart(int y) {
        return y / tileHeight * tileHeight + y % tileHeight / partRows * partRows;
    }

    private int partEnd(int y) {
        long tileBottom = ((long) y / tileHeight + 1) * tileHeight;
        return (int) Math.min(Math.min(samples.height(), tileBottom), (long) partStart(y) + partRows);
    }

    /** Makes the cache large enough for all that lies beside the region: pictures are read row of regions by row. */
    private void reserve(Region region, int planes) {
        long rows = partEnd(region.y() + region.height() - 1) - (long) partStart(region.y());
        long pixelBytes = (planar ? planes : samples.bands()) * samples.type().bits() / 8;
        long wanted = Math.max(LEAST_CACHE_BYTES, rows * tilesAcross * tileWidth * pixelBytes);
        long most = Runtime.getRuntime().maxMemory() / CACHE_SHARE;
        cache.reserve(Math.min(wanted, tilesAcross == 1 ? most : Math.min(most, MOST_TILE_CACHE_BYTES)));
    }

    private Block block(int plane, int x, int y) throws IOException {
        Part part = new Part(plane, y / tileHeight, x / tileWidth, y % tileHeight / partRows);
        Block kept = cache.get(part);
        return kept != null ? kept : cache.put(part, decode(part));
    }

    private Block decode(Part part) throws IOException {
        long index = ((long) part.plane * tilesDown + part.tileRow) * tilesAcross + part.tileColumn;
        long start = file.integer(tiled ? TiffTag.TILE_OFFSETS : TiffTag.STRIP_OFFSETS, index);
        long length = length(index, start);
        if (length == 0) {
            return BlockCache.EMPTY;
        }
        int firstRow = part.index * partRows;
        int rows = Math.min(partRows, tileHeight - firstRow);
        int columns = Math.min(tileWidth, samples.width() - part.tileColumn * tileWidth);
        // The last strip is cut off, the last tile is not.
        int stored = tiled ? tileHeight : Math.min(tileHeight, samples.height() - part.tileRow * tileHeight);
        rows = Math.min(rows, Math.min(stored, samples.height() - part.tileRow * tileHeight) - firstRow);
        int seenFrom = seekable ? firstRow : 0;
        if (seekable) {
            long rowBytes = ((long) tileWidth * storedBits * (planar ? 1 : storedBands) + 7) / 8;
            start += firstRow * rowBytes;
            length = rows * rowBytes;
            stored = rows;
        }
        if (start < 0 || start >= file.length()) {
            throw new ImageException(file.path(), "the file ends before the image does", TiffFile.DAMAGED);
        }
        length = Math.min(length, file.length() - start);
        TiffHead head = new TiffHead(file.order(), false);
        head.putAll(tileTags)
                .longs(TiffTag.IMAGE_WIDTH, tileWidth)
                .longs(TiffTag.IMAGE_LENGTH, stored)
                .longs(TiffTag.ROWS_PER_STRIP, stored)
                .longs(TiffTag.STRIP_BYTE_COUNTS, length)
                .longs(TiffTag.STRIP_OFFSETS, 0);
        head.longs(TiffTag.STRIP_OFFSETS, head.length());
        TileInput input = new TileInput(head.encode(), file.channel(), start, length);
        Rectangle region = new Rectangle(0, firstRow - seenFrom, columns, rows);
        java.awt.image.Raster pixels = PixelReader.tile(file.path(), input, region, colors);
        long bytes =
                (long) columns * rows * pixels.getNumBands() * samples.type().bits() / 8;
        return new Block(pixels, bytes);
    }

    /** Returns how many bytes a tile has; 0 if it isn't there, which writers of sparse files mean to be "no data". */
    private long length(long index, long start) throws IOException {
        int tag = tiled ? TiffTag.TILE_BYTE_COUNTS : TiffTag.STRIP_BYTE_COUNTS;
        long count = file.count(tag) == 0 ? 0 : file.integer(tag, index);
        // Some writers don't tell.
        return count == 0 && start != 0 ? Math.min(Math.max(1, file.length() - start), MOST_TILE_BYTES) : count;
    }

    private void fill(Block block, int band, int x, int y, int count, double[] row) {
        if (block == BlockCache.EMPTY) {
            Arrays.fill(row, 0, count, Double.isNaN(samples.noData()) ? 0 : samples.noData());
        } else {
            SampleRows.read(block.pixels(), samples.type(), x, y, count, band, row);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
