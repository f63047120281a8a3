package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** Cuts the rows of a tensor into blocks that are worth a thread's while. */
final class RowBlocks {
    /** About 64 KiB: small enough to balance the threads, large enough to outweigh handing it over. */
    private static final int FLOATS = 1 << 14;

    /** Work on some rows. */
    @FunctionalInterface
    interface Block {
        void run(int firstRow, int rows, int worker);
    }

    /** A sum over some rows. */
    @FunctionalInterface
    interface Summand {
        double of(int firstRow, int rows, int worker);
    }

    private RowBlocks() {}

    /** Runs over the rows of a tensor. */
    static void overRows(Parallel parallel, Tensor x, Block block) {
        forEach(parallel, x.shape().rows(), x.shape().dim(-1), block);
    }

    /** Runs over the elements of a tensor, as rows of one. */
    static void overElements(Parallel parallel, Tensor x, Block block) {
        forEach(parallel, x.shape().size(), 1, block);
    }

    static void forEach(Parallel parallel, int rows, int channels, Block block) {
        int size = size(channels);
        int blocks = (int) (((long) rows + size - 1) / size);
        parallel.forEach(blocks, (index, worker) -> {
            int first = index * size;
            block.run(first, Math.min(size, rows - first), worker);
        });
    }

    /** Returns the sum over all rows: each block's on its own, then added in order, whatever the threads. */
    static double sum(Parallel parallel, int rows, int channels, Summand summand) {
        int size = size(channels);
        double[] sums = new double[(rows + size - 1) / size];
        forEach(parallel, rows, channels, (first, count, worker) -> {
            sums[first / size] = summand.of(first, count, worker);
        });
        double total = 0;
        for (double sum : sums) {
            total += sum;
        }
        return total;
    }

    private static int size(int channels) {
        return Math.max(1, FLOATS / Math.max(1, channels));
    }
}
