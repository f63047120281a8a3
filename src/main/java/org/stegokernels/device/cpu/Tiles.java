package org.stegokernels.device.cpu;

import java.util.Arrays;

/**
 * Matrix products inside one thread's scratch. Operands are copied there first, padded with zeros to whole register
 * tiles, so that the loops have no edges: rows {@code [r, depth]}, and panels of {@link GemmLanes#columns()} columns,
 * {@code [depth, columns]} each, as {@link GemmLanes} reads them.
 */
final class Tiles {
    private final GemmLanes lanes;
    private final int tileRows;
    private final int columns;

    Tiles(GemmLanes lanes) {
        this.lanes = lanes;
        this.tileRows = lanes.rows();
        this.columns = lanes.columns();
    }

    /** {@code count} up to whole tiles. */
    int rows(int count) {
        return (count + tileRows - 1) / tileRows * tileRows;
    }

    /** {@code count} up to whole panels. */
    int columns(int count) {
        return (count + columns - 1) / columns * columns;
    }

    /** Columns of one panel. */
    int panel() {
        return columns;
    }

    /** Copies {@code [count, depth]} and fills up to whole tiles. */
    void copyRows(float[] from, int offset, int count, int depth, float[] to, int toOffset) {
        System.arraycopy(from, offset, to, toOffset, count * depth);
        Arrays.fill(to, toOffset + count * depth, toOffset + rows(count) * depth, 0f);
    }

    /** Copies {@code [depth, count]}, rows {@code stride} apart, transposed to rows {@code [r, depth]}. */
    void transposeRows(float[] from, int offset, int stride, int depth, int count, float[] to, int toOffset) {
        for (int row = 0; row < count; row++) {
            int target = toOffset + row * depth;
            for (int k = 0; k < depth; k++) {
                to[target + k] = from[offset + k * stride + row];
            }
        }
        Arrays.fill(to, toOffset + count * depth, toOffset + rows(count) * depth, 0f);
    }

    /** Packs the transpose of {@code [count, depth]}: each of its rows becomes a column of a panel. */
    void packTransposed(float[] from, int offset, int count, int depth, float[] panels, int panelsOffset) {
        for (int first = 0; first < count; first += columns) {
            int width = Math.min(columns, count - first);
            int source = offset + first * depth;
            int target = panelsOffset + first * depth;
            for (int k = 0; k < depth; k++) {
                int at = target + k * columns;
                for (int c = 0; c < width; c++) {
                    panels[at + c] = from[source + c * depth + k];
                }
                Arrays.fill(panels, at + width, at + columns, 0f);
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
     * {@code out += rows panels}.
     *
     * @param rows a multiple of the tile's rows, {@code aStride} apart
     * @param width columns, a multiple of {@link #panel()}
     */
    void multiply(
            float[] a,
            int aOffset,
            int aStride,
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
                int target = outOffset + row * outStride + column;
                lanes.multiply(a, aOffset + row * aStride, aStride, panels, panel, depth, out, target, outStride);
            }
        }
    }
}
