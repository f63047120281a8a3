package org.stegokernels.device.cpu;

/** The softmax of attention. It runs down columns, one for each query, and never across a vector. */
interface AttentionLanes {
    /** Numbers kept for each query: running maximum, running sum, and room for the correction of one step. */
    int STATS = 3;

    /**
     * Takes one step of the online softmax. On entry {@code scores} is {@code [keys, queries]}, in units of log2; at
     * {@code stats} are the running maxima of the queries, then their sums, then room for as many again; {@code sums}
     * is {@code [channels, queries]}, the weighted values so far. On return the scores are {@code 2^(score - maximum)},
     * and maxima, sums and weighted values have been brought up to date.
     *
     * @param queries as many as {@link GemmLanes#columns()}
     */
    void soften(float[] scratch, int queries, int scores, int keys, int stats, int sums, int channels);
}
