package org.stegokernels.bench.roofline;

/** The peaks of a machine, as loops that do nothing else reach them. Each call measures anew. */
public interface Peaks extends AutoCloseable {
    /** Returns the rate of floating-point operations, GFLOP/s; a fused multiply-add is two. */
    double compute();

    /** Bytes read from and written to memory beyond the caches, GB/s, counted as STREAM does (McCalpin 1995). */
    double bandwidth();

    @Override
    void close();
}
