package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code sums[k] += points with label k}, {@code counts[k] += how many} (half of a k-means step, Lloyd 1982).
 *
 * <p>points {@code [N, C]}, labels {@code [N]} int32, sums {@code [K, C]}, counts {@code [K]} int32. Points are cut into
 * chunks of a fixed size, each summed on its own and then added in order ({@link Sum}): no atomics on floats, the same bits
 * in every run, and short sums that keep float accurate. Labels are checked before ({@link Indices}).
 */
public final class ClusterSums {
    private ClusterSums() {}

    /**
     * Sums and counts of each chunk.
     *
     * <p>partials {@code [chunks, K, C]}, zeroed; counts is added to by the items of the first channel.
     *
     * <p>Launch: one item a channel; second dimension: chunks, from number firstChunk on.
     */
    public static void sumChunks(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int points = args.get(0);
        int labels = args.get(1);
        int count = args.get(2);
        int channels = args.get(3);
        int clusters = args.get(4);
        int chunk = args.get(5);
        int firstChunk = args.get(6);
        int partials = args.get(7);
        int counts = args.get(8);
        int c = context.globalIdx;
        int j = context.globalIdy;
        if (c < channels) {
            int first = (firstChunk + j) * chunk;
            int last = TornadoMath.min(count, first + chunk);
            for (int i = first; i < last; i++) {
                int label = ints.get(labels + i);
                int at = partials + (j * clusters + label) * channels + c;
                floats.set(at, floats.get(at) + floats.get(points + i * channels + c));
                if (c == 0) {
                    context.atomicAdd(ints, counts + label, 1);
                }
            }
        }
    }
}
