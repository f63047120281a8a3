package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The chosen points, their nearest centres (squared Euclidean distance, the first one on a tie), and the sums and counts of
 * each cluster: the first half of a step of mini-batch k-means (Sculley 2010).
 *
 * <p>points {@code [N, channels]}; chosen {@code [rows]} int32, in 0..N-1: which points; centers {@code [K, channels]}. The
 * nearest centre c of x is the one with the largest {@code x c - c^2 / 2}: a linear layer ({@link Linear}) with the centres as
 * weights and offsets as bias, and an argmax ({@link Argmax}). Sums are {@link ClusterSums}'s.
 *
 * <p>Launch: row kernels ({@link Rows}).
 */
public final class NearestCenters {
    private NearestCenters() {}

    /** Computes {@code offsets[k] = -c_k^2 / 2}; rows = K. */
    public static void centerOffsets(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int centers = args.get(0);
        int rows = args.get(1);
        int channels = args.get(2);
        int offsets = args.get(3);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int count = row < rows ? channels : 0;

        float part = 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            float own = floats.get(centers + row * channels + c);
            part += own * own;
        }
        float square = Rows.sum(context, part, scratch);
        if (lane == 0 && row < rows) {
            floats.set(offsets + row, -0.5f * square);
        }
    }

    /** Computes {@code out[i] = points[chosen[first + i]]}; out {@code [rows, channels]}. */
    public static void gatherRows(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int points = args.get(0);
        int chosen = args.get(1);
        int first = args.get(2);
        int rows = args.get(3);
        int channels = args.get(4);
        int out = args.get(5);
        int row = context.globalIdy;
        if (row < rows) {
            int from = points + ints.get(chosen + first + row) * channels;
            for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                floats.set(out + row * channels + c, floats.get(from + c));
            }
        }
    }

    /**
     * Computes {@code labels[first + i] = found[i]}.
     *
     * <p>Launch: one item a label.
     */
    public static void putLabels(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int found = args.get(0);
        int first = args.get(1);
        int count = args.get(2);
        int labels = args.get(3);
        int i = context.globalIdx;
        if (i < count) {
            ints.set(labels + first + i, ints.get(found + i));
        }
    }
}
