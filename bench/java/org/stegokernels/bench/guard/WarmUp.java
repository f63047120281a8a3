package org.stegokernels.bench.guard;

import java.util.function.LongSupplier;

/**
 * Runs a path until it is compiled, however long its first run takes: until it has not become faster for a while.
 *
 * @param seconds of that while
 * @param nanoTime the clock
 */
record WarmUp(double seconds, LongSupplier nanoTime) {
    private static final int LEAST_RUNS = 3;
    /** A run below this part of the fastest one before it has become faster. */
    private static final double FASTER = 0.9;

    void run(HotPath.Run path) throws Exception {
        double fastest = Double.POSITIVE_INFINITY;
        long start = nanoTime.getAsLong();
        long since = start;
        for (int i = 0; i < LEAST_RUNS || start - since < seconds * 1e9; i++) {
            path.once();
            long end = nanoTime.getAsLong();
            if (end - start < FASTER * fastest) {
                fastest = end - start;
                since = end;
            }
            start = end;
        }
    }
}
