package org.stegokernels.device.cpu;

import org.stegokernels.device.Kernels.Activation;

/**
 * The matrix product of every linear layer. A task packs a block of rows small enough for the level-2 cache; it then
 * goes through the weights panel by panel, each panel against all its rows, so that weights are read from the level-1
 * cache and every sum lives in a register from the first k to the last.
 */
final class Gemm {
    /** Floats of x that a task packs: less than half of a 1 MiB level-2 cache, the rest is for weights streaming by. */
    private static final int BLOCK = 100_000;

    private final GemmLanes lanes;
    private final Tiles tiles;
    private final int tileRows;
    private final Parallel parallel;
    private final Workspace workspace;

    Gemm(GemmLanes lanes, Parallel parallel, Workspace workspace) {
        this.lanes = lanes;
        this.tiles = new Tiles(lanes);
        this.tileRows = lanes.rows();
        this.parallel = parallel;
        this.workspace = workspace;
    }

    /**
     * {@code out = activation(x W^T + b + residual)}.
     *
     * @param x {@code [rows, K]} from its start
     * @param residual null, or {@code [rows, N]} from {@code outOffset}; may be {@code out}
     * @param out {@code [rows, N]} from {@code outOffset}
     */
    record Product(
            float[] x, PackedLinear weights, Activation activation, float[] residual, float[] out, int outOffset) {}

    /**
     * Puts weights into panels. On one thread: most of the time goes to memory that is touched for the first time.
     *
     * @param owner as for {@link PackedLinear}
     * @param weight {@code [N, K]}
     * @param bias {@code [N]}, or null for none
     * @param panels room for {@link #panelFloats}
     */
    PackedLinear pack(CpuDevice owner, float[] weight, float[] bias, int outputs, int inputs, float[] panels) {
        tiles.packTransposed(weight, 0, outputs, inputs, panels, 0);
        float[] padded = new float[tiles.columns(outputs)];
        if (bias != null) {
            System.arraycopy(bias, 0, padded, 0, outputs);
        }
        return new PackedLinear(owner, panels, padded, outputs, inputs);
    }

    /** Floats that weights take in panels. */
    int panelFloats(int outputs, int inputs) {
        return Math.multiplyExact(tiles.columns(outputs), inputs);
    }

    /**
     * Cuts the product into tasks of the same size. Where tiles are left once every thread has as many as all others, each
     * thread takes a part of their columns; if they are more than half as many as threads, packing them everywhere would cost
     * what that wins.
     */
    void linear(Product product, int rows) {
        int inputs = product.weights.inputs();
        int threads = parallel.threads();
        int panels = (rows + tileRows - 1) / tileRows;
        if (panels < threads) {
            int columnPanels = tiles.columns(product.weights.outputs()) / lanes.columns();
            int columnBlocks = Math.min(columnPanels, 2 * threads);
            float[][] scratch = scratch(1, inputs);
            parallel.forEach(panels * columnBlocks, (task, worker) -> {
                int panel = task / columnBlocks;
                part(product, rows, panel, panel + 1, task % columnBlocks, columnBlocks, scratch[worker]);
            });
            return;
        }
        int rest = 2 * (panels % threads) > threads ? 0 : panels % threads;
        int even = panels - rest;
        int blocks = blocks(even, Math.max(1, BLOCK / tiles.size(tileRows, inputs)));
        int ofThread = rest == 0 ? blocks : blocks / threads;
        float[][] scratch = scratch(Math.max(rest, (even + blocks - 1) / blocks), inputs);
        parallel.forEach(rest == 0 ? blocks : blocks + threads, (task, worker) -> {
            int thread = task / (ofThread + 1);
            int block = task - thread;
            if (task % (ofThread + 1) < ofThread) {
                part(product, rows, even * block / blocks, even * (block + 1) / blocks, 0, 1, scratch[worker]);
            } else {
                part(product, rows, even, panels, thread, threads, scratch[worker]);
            }
        });
    }

    /** Returns the number of tasks: each at most {@code limit} panels, evenly cut, a multiple of the threads if there are enough. */
    private int blocks(int panels, int limit) {
        int wanted = (panels + limit - 1) / limit;
        int threads = parallel.threads();
        return Math.min(panels, (wanted + threads - 1) / threads * threads);
    }

    private float[][] scratch(int panels, int inputs) {
        return workspace.workers(tileRows * lanes.columns() + tiles.size(panels * tileRows, inputs));
    }

    /** Computes some panels of rows in one of so many blocks of columns. */
    private void part(
            Product product,
            int rows,
            int firstPanel,
            int lastPanel,
            int columnBlock,
            int columnBlocks,
            float[] scratch) {
        int outputs = product.weights.outputs();
        int columns = lanes.columns();
        int columnPanels = tiles.columns(outputs) / columns;
        int firstColumn = columnPanels * columnBlock / columnBlocks * columns;
        int lastColumn = Math.min(outputs, columnPanels * (columnBlock + 1) / columnBlocks * columns);
        if (firstColumn < lastColumn) {
            int lastRow = Math.min(rows, lastPanel * tileRows);
            block(product, firstPanel * tileRows, lastRow, firstColumn, lastColumn, scratch);
        }
    }

    /** Scratch: a tile of the result, and the rows, packed. */
    private void block(Product product, int firstRow, int lastRow, int firstColumn, int lastColumn, float[] scratch) {
        int inputs = product.weights.inputs();
        int outputs = product.weights.outputs();
        int columns = lanes.columns();
        int packed = tileRows * columns;
        tiles.packRows(product.x, firstRow * inputs, inputs, lastRow - firstRow, inputs, scratch, packed);
        for (int column = firstColumn; column < lastColumn; column += columns) {
            int count = Math.min(columns, lastColumn - column);
            for (int row = firstRow; row < lastRow; row += tileRows) {
                int height = Math.min(tileRows, lastRow - row);
                int x = packed + tiles.at(row - firstRow, inputs);
                int target = product.outOffset + row * outputs + column;
                if (height == tileRows && count == columns) {
                    tile(product, scratch, x, column, product.residual, product.out, target, outputs);
                } else {
                    // At the edges a full tile is worked in scratch, and the part that exists is copied.
                    if (product.residual != null) {
                        copy(product.residual, target, outputs, scratch, 0, columns, height, count);
                    }
                    float[] residual = product.residual == null ? null : scratch;
                    tile(product, scratch, x, column, residual, scratch, 0, columns);
                    copy(scratch, 0, columns, product.out, target, outputs, height, count);
                }
            }
        }
    }

    private void tile(
            Product product,
            float[] scratch,
            int x,
            int column,
            float[] residual,
            float[] out,
            int outOffset,
            int outStride) {
        PackedLinear weights = product.weights;
        int inputs = weights.inputs();
        lanes.prepare(weights.bias, column, residual, out, outOffset, outStride);
        lanes.multiply(scratch, x, weights.panels, column * inputs, inputs, out, outOffset, outStride);
        if (product.activation != Activation.NONE) {
            lanes.activate(product.activation, out, outOffset, outStride);
        }
    }

    private static void copy(
            float[] from, int source, int fromStride, float[] to, int target, int toStride, int height, int count) {
        for (int row = 0; row < height; row++) {
            System.arraycopy(from, source + row * fromStride, to, target + row * toStride, count);
        }
    }
}
