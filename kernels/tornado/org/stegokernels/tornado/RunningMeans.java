package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code totals += counts}, then {@code means += (sums - counts means) / totals} where totals are not 0: the second half of a
 * step of mini-batch k-means (Sculley 2010).
 *
 * <p>sums, means {@code [rows, channels]}; counts, totals {@code [rows]} int32.
 */
public final class RunningMeans {
    private RunningMeans() {}

    /**
     * Computes {@code totals += counts}; stops at the largest number there is.
     *
     * <p>Launch: one item a row.
     */
    public static void addCounts(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int counts = args.get(0);
        int rows = args.get(1);
        int totals = args.get(2);
        int row = context.globalIdx;
        if (row < rows) {
            int sum = ints.get(totals + row) + ints.get(counts + row);
            if (sum < 0) {
                sum = Integer.MAX_VALUE;
            }
            ints.set(totals + row, sum);
        }
    }

    /** Runs after {@link #addCounts}. Launch: row kernel ({@link Rows}). */
    public static void runningMeans(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int sums = args.get(0);
        int counts = args.get(1);
        int totals = args.get(2);
        int rows = args.get(3);
        int channels = args.get(4);
        int means = args.get(5);
        int row = context.globalIdy;
        if (row < rows) {
            int total = ints.get(totals + row);
            if (total > 0) {
                float count = ints.get(counts + row);
                float factor = 1.0f / total;
                for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                    float mean = floats.get(means + row * channels + c);
                    float more = floats.get(sums + row * channels + c) - count * mean;
                    floats.set(means + row * channels + c, mean + more * factor);
                }
            }
        }
    }
}
