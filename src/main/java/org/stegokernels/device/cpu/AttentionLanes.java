package org.stegokernels.device.cpu;

/**
 * Innermost loops of attention. Everything is transposed: a row is a key or a channel, a column is one of
 * {@link #queries()} queries, so that the softmax over keys runs down the rows and never across a vector.
 */
interface AttentionLanes {
    /** Rows of a register tile. */
    int ROWS = 8;

    /** Numbers kept for each query: running maximum, running sum, and room for the correction of one step. */
    int STATS = 3;

    /** Queries worked on together: two vectors. */
    int queries();

    /**
     * {@code out[r, q] (+)= sum_k rows[k * ROWS + r] * columns[k * queries + q]} for {@link #ROWS} rows, each array from
     * its offset.
     *
     * @param accumulate whether to add to what is in {@code out}
     */
    void product(
            float[] rows,
            int rowsOffset,
            float[] scratch,
            int columnsOffset,
            int depth,
            int outOffset,
            boolean accumulate);

    /**
     * One step of the online softmax. On entry {@code scores} is {@code [keys, queries]}, in units of log2; at {@code
     * stats} are the running maxima of the queries, then their sums, then room for as many again; {@code sums} is
     * {@code [channels, queries]}, the weighted values so far. On return the scores are {@code 2^(score - maximum)}, and
     * maxima, sums and weighted values have been brought up to date.
     */
    void soften(float[] scratch, int scores, int keys, int stats, int sums, int channels);
}
