package org.stegokernels.device.cpu;

/**
 * Innermost loops of the permutohedral lattice. Rows have {@code width} floats, a multiple of {@link Lanes#width()}:
 * row i of an array starts at {@code LEAD + i * width}. Behind the rows of the vertices an array of lattice values has
 * a row of zeros, the neighbour of those who have none, and for each worker a spare row, whose content is of no interest.
 */
interface LatticeLanes {
    /**
     * Floats before the first row. With the 16 bytes that a Java array has before its first element, rows start on
     * cache lines wherever the array itself does, as large ones do under the G1 collector; vectors that straddle two
     * lines cost up to twice the time.
     */
    int LEAD = 12;

    /**
     * Floats between the row of zeros, which all workers read, and the spare rows, which they write: a cache line that
     * one core writes is lost to the others, and so is, at times, the line beside it.
     */
    int APART = 64;

    /** Returns the number of the spare row of a worker, in an array of {@code vertices} rows. */
    static int spare(int vertices, int worker, int width) {
        return vertices + (worker + 1) * (1 + (APART + width - 1) / width);
    }

    /**
     * Gathers points into the vertices {@code from} to {@code to - 1}: {@code values[v] = sum weight x[column]} over the
     * entries of row v, in their order.
     */
    void splat(float[] x, SparseRows rows, int from, int to, int width, float[] values);

    /**
     * Blurs in place along chains of neighbours: {@code values[v] += (values[before v] + values[after v]) / 2}.
     *
     * @param chains vertices in the order of their chains, each chain ended by {@code end}
     * @param from where a chain starts
     * @param to after the {@code end} of another chain
     * @param end number of the row of zeros
     * @param spare number of a row that may be written, and that nobody else uses
     */
    void blur(float[] values, int[] chains, int from, int to, int end, int spare, int width);

    /**
     * Adds what is gathered for the points {@code from} to {@code to - 1}: {@code sum[p - from] += scale sum weight
     * values[column]} over the entries of row p.
     */
    void slice(float[] values, SparseRows rows, float scale, int from, int to, int width, float[] sum);

    /**
     * Computes the softmax of each of {@code rows} rows: {@code out[outRow + r] = softmax(x[r])}. Lanes that are minus infinity
     * become zero.
     */
    void softmax(float[] x, int rows, int width, float[] out, int outRow);
}
