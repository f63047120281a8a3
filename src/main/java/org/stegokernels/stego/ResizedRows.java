package org.stegokernels.stego;

import java.util.BitSet;
import org.stegokernels.image.Resize;
import org.stegokernels.image.Resize.Span;
import org.stegokernels.image.RgbImage;
import org.stegokernels.raster.Raster.Region;
import org.stegokernels.raster.RasterView;

/**
 * A picture of any size, resized with antialiasing, of which only the rows that are needed are in memory. They are those
 * that {@link Resize#antialiased(RgbImage, int, int)} would make of the whole picture, bit for bit. One thread at a time.
 */
final class ResizedRows {
    /** Pixels of the picture that are read at once, unless one row needs more. */
    private static final int STRIP_PIXELS = 8 << 20;

    private static final int STRIP_ROWS = 64;

    private final RasterView picture;
    private final int sourceWidth;
    private final int sourceHeight;
    private final int width;
    private final int height;
    private final int stripRows;
    /** Rows of the resized picture; null if not in memory. */
    private final byte[][] rows;
    /** The pixels without data of each row of the picture itself; null if it has none, or is not in memory. */
    private final BitSet[] missing;

    private int first;
    private int next;

    /**
     * @param width of the resized picture
     * @param height of the resized picture
     */
    ResizedRows(RasterView picture, int width, int height) {
        this.picture = picture;
        this.width = width;
        this.height = height;
        sourceWidth = picture.raster().width();
        sourceHeight = picture.raster().height();
        long sourceRowsEach = Math.max(1, (long) sourceHeight / height);
        stripRows = (int) Math.max(1, Math.min(STRIP_ROWS, STRIP_PIXELS / (sourceRowsEach * sourceWidth)));
        rows = new byte[height][];
        missing = new BitSet[sourceHeight];
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /**
     * Forgets rows and reads others.
     *
     * @param begin rows above are not needed any more
     * @param end rows above are read
     */
    void keep(int begin, int end) {
        for (int sourceRow = sourceRow(first); sourceRow < sourceRow(begin); sourceRow++) {
            missing[sourceRow] = null;
        }
        for (; first < begin; first++) {
            rows[first] = null;
        }
        while (next < end) {
            read(next, Math.min(height, next + stripRows));
        }
    }

    private void read(int begin, int end) {
        Span across = new Span(sourceWidth, width, 0, width);
        Span down = new Span(sourceHeight, height, begin, end);
        int top = down.sourceBegin();
        RasterView.Tile tile = picture.read(new Region(0, top, sourceWidth, down.sourceEnd() - top));
        byte[] rgb = Resize.antialiased(tile.image(), across, down).rgb();
        for (int y = begin; y < end; y++) {
            rows[y] = new byte[3 * width];
            System.arraycopy(rgb, 3 * width * (y - begin), rows[y], 0, 3 * width);
        }
        boolean[] valid = tile.valid();
        for (int i = 0; i < valid.length; i++) {
            if (!valid[i]) {
                int sourceRow = top + i / sourceWidth;
                if (missing[sourceRow] == null) {
                    missing[sourceRow] = new BitSet(sourceWidth);
                }
                missing[sourceRow].set(i % sourceWidth);
            }
        }
        next = end;
    }

    /** Returns a part of the resized picture; its rows must be in memory. */
    RgbImage part(int left, int top, int partWidth, int partHeight) {
        byte[] rgb = new byte[3 * partWidth * partHeight];
        for (int y = 0; y < partHeight; y++) {
            System.arraycopy(rows[top + y], 3 * left, rgb, 3 * partWidth * y, 3 * partWidth);
        }
        return new RgbImage(partWidth, partHeight, rgb);
    }

    /** Returns whether a part of the resized picture has any data. */
    boolean hasData(int left, int top, int partWidth, int partHeight) {
        int begin = sourceColumn(left);
        int end = Math.max(begin + 1, sourceColumn(left + partWidth));
        int bottom = Math.max(sourceRow(top) + 1, sourceRow(top + partHeight));
        for (int y = sourceRow(top); y < bottom; y++) {
            if (missing[y] == null || missing[y].nextClearBit(begin) < end) {
                return true;
            }
        }
        return false;
    }

    /** Returns the pixels without data of a row of the picture itself, or null if it has none. */
    BitSet missing(int sourceRow) {
        return missing[sourceRow];
    }

    /**
     * Returns the first column of the picture whose middle lies in a column of the resized one, or right of it where there
     * is none; the picture's width for that after the last one.
     */
    int sourceColumn(int column) {
        return firstSource(column, width, sourceWidth);
    }

    /** As {@link #sourceColumn}, for rows. */
    int sourceRow(int row) {
        return firstSource(row, height, sourceHeight);
    }

    /**
     * Returns the first pixel of one side of a picture whose middle is not before a pixel of the resized side.
     *
     * @param to pixels of the resized side
     * @param from pixels of the side
     */
    static int firstSource(int pixel, int to, int from) {
        // The least i with (i + 1/2) * to / from >= pixel, by a division that rounds up.
        long halves = 2L * pixel * from - to;
        return (int) Math.min(from, Math.max(0, -Math.floorDiv(-halves, 2L * to)));
    }
}
