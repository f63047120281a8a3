package org.stegokernels.device.cpu;

import static org.stegokernels.device.cpu.GemmLanes.PITCH;

import java.util.Arrays;

/**
 * Matrix products inside one thread's scratch. Operands are packed there first, padded to whole register tiles, so that
 * the loops have no edges: tiles of {@link GemmLanes#rows()} rows, {@code [depth, PITCH]} each, and panels of
 * {@link GemmLanes#columns()} columns, {@code [depth, columns]} each, as {@link GemmLanes} reads them.
 */
final class Tiles {
    /** Depth to which all rows of a tile are packed before any goes further: they share its cache lines. */
    private static final int CHUNK = 384;

    private final GemmLanes lanes;
    private final int tileRows;
    private final int columns;

    Tiles(GemmLanes lanes) {
        this.lanes = lanes;
        this.tileRows = lanes.rows();
        this.columns = lanes.columns();
    }

    /** Returns {@code count} up to whole tiles. */
    int rows(int count) {
        return (count + tileRows - 1) / tileRows * tileRows;
    }

    /** Returns {@code count} up to whole panels. */
    int columns(int count) {
        return (count + columns - 1) / columns * columns;
    }

    /** Columns of one panel. */
    int panel() {
        return columns;
    }

    /** Floats that {@code count} rows take as tiles. */
    int size(int count, int depth) {
        return at(rows(count), depth);
    }

    /** Returns the start of the tile of a row, the first of a tile. */
    int at(int row, int depth) {
        return row / tileRows * PITCH * depth;
    }

    /** Packs {@code [count, depth]}, rows {@code stride} apart; rows that fill up the last tile are zero. */
    void packRows(float[] from, int offset, int stride, int count, int depth, float[] to, int toOffset) {
        for (int first = 0; first < count; first += tileRows) {
            for (int k = 0; k < depth; k += CHUNK) {
                int length = Math.min(CHUNK, depth - k);
                int target = toOffset + at(first, depth) + k * PITCH;
                for (int row = 0; row < tileRows; row++) {
                    if (first + row < count) {
                        spread(from, offset + (first + row) * stride + k, length, to, target + row, PITCH);
                    } else {
                        clear(length, to, target + row, PITCH);
                    }
                }
            }
        }
    }

    /** Packs one row: number {@code row} of those from {@code toOffset}. */
    void packRow(float[] from, int offset, int depth, float[] to, int toOffset, int row) {
        spread(from, offset, depth, to, toOffset + at(row, depth) + row % tileRows, PITCH);
    }

    private static void spread(float[] from, int offset, int count, float[] to, int toOffset, int stride) {
        for (int k = 0; k < count; k++) {
            to[toOffset + k * stride] = from[offset + k];
        }
    }

    private static void clear(int count, float[] to, int toOffset, int stride) {
        for (int k = 0; k < count; k++) {
            to[toOffset + k * stride] = 0;
        }
    }

    /** Packs the transpose of {@code [depth, count]}, rows {@code stride} apart: each of its columns becomes a row. */
    void packColumns(float[] from, int offset, int stride, int depth, int count, float[] to, int toOffset) {
        for (int first = 0; first < count; first += tileRows) {
            int target = toOffset + at(first, depth);
            if (count - first >= PITCH) {
                copy(from, offset + first, stride, depth, to, target);
            } else {
                copy(from, offset + first, stride, depth, Math.min(tileRows, count - first), to, target);
            }
        }
    }

    /** Copies a tile with what lies in its pitch after its rows. Written out, since a loop costs more than the copies. */
    private static void copy(float[] from, int offset, int stride, int depth, float[] to, int toOffset) {
        for (int k = 0; k < depth; k++) {
            int source = offset + k * stride;
            int target = toOffset + k * PITCH;
            to[target] = from[source];
            to[target + 1] = from[source + 1];
            to[target + 2] = from[source + 2];
            to[target + 3] = from[source + 3];
            to[target + 4] = from[source + 4];
            to[target + 5] = from[source + 5];
            to[target + 6] = from[source + 6];
            to[target + 7] = from[source + 7];
        }
    }

    private static void copy(float[] from, int offset, int stride, int depth, int rows, float[] to, int toOffset) {
        for (int k = 0; k < depth; k++) {
            int target = toOffset + k * PITCH;
            System.arraycopy(from, offset + k * stride, to, target, rows);
            Arrays.fill(to, target + rows, target + PITCH, 0f);
        }
    }

    /** Packs the transpose of {@code [count, depth]}: each of its rows becomes a column of a panel. */
    void packTransposed(float[] from, int offset, int count, int depth, float[] panels, int panelsOffset) {
        int rows = columns(count);
        for (int row = 0; row < rows; row++) {
            int target = panelsOffset + row / columns * columns * depth + row % columns;
            if (row < count) {
                spread(from, offset + row * depth, depth, panels, target, columns);
            } else {
                clear(depth, panels, target, columns);
            }
        }
    }

    /** Packs {@code [depth, count]}, rows {@code count} long. */
    void pack(float[] from, int offset, int depth, int count, float[] panels, int panelsOffset) {
        for (int first = 0; first < count; first += columns) {
            int width = Math.min(columns, count - first);
            int target = panelsOffset + first * depth;
            for (int k = 0; k < depth; k++) {
                int at = target + k * columns;
                System.arraycopy(from, offset + k * count + first, panels, at, width);
                Arrays.fill(panels, at + width, at + columns, 0f);
            }
        }
    }

    /**
     * Computes {@code out += tiles panels}.
     *
     * @param tileDepth of the tiles as they are packed, {@code depth} or more
     * @param rows a multiple of the tile's
     * @param width columns, a multiple of {@link #panel()}
     */
    void multiply(
            float[] tiles,
            int tilesOffset,
            int tileDepth,
            int rows,
            float[] panels,
            int panelsOffset,
            int depth,
            int width,
            float[] out,
            int outOffset,
            int outStride) {
        for (int column = 0; column < width; column += columns) {
            int panel = panelsOffset + column * depth;
            for (int row = 0; row < rows; row += tileRows) {
                int tile = tilesOffset + at(row, tileDepth);
                lanes.multiply(tiles, tile, panels, panel, depth, out, outOffset + row * outStride + column, outStride);
            }
        }
    }
}
