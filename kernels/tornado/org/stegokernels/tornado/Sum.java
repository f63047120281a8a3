package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Sums of partial results, for losses: compensated (Kahan 1965, Neumaier 1974), so that a million terms are as accurate
 * as one, and in an order that depends on the number of terms alone.
 */
public final class Sum {
    /** Items that share a sum, a power of two. */
    public static final int GROUP = 256;

    private Sum() {}

    /**
     * Computes {@code out[0] = factor * sum of values}.
     *
     * <p>values {@code [count]}.
     *
     * <p>Launch: one work group of {@link #GROUP} items.
     */
    public static void sumValues(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int values = args.get(0);
        int count = args.get(1);
        float factor = numbers.get(0);
        int out = args.get(2);
        float[] scratch = context.allocateFloatLocalArray(GROUP);
        int lane = context.localIdx;
        float sum = 0;
        float lost = 0;
        for (int i = lane; i < count; i += GROUP) {
            float x = floats.get(values + i);
            float next = sum + x;
            if (TornadoMath.abs(sum) >= TornadoMath.abs(x)) {
                lost += (sum - next) + x;
            } else {
                lost += (x - next) + sum;
            }
            sum = next;
        }
        float total = overGroup(context, sum, scratch);
        total += overGroup(context, lost, scratch);
        if (lane == 0) {
            floats.set(out, factor * total);
        }
    }

    private static float overGroup(KernelContext context, float x, float[] scratch) {
        int lane = context.localIdx;
        context.localBarrier();
        scratch[lane] = x;
        context.localBarrier();
        for (int half = GROUP / 2; half > 0; half /= 2) {
            if (lane < half) {
                scratch[lane] = scratch[lane] + scratch[lane + half];
            }
            context.localBarrier();
        }
        return scratch[0];
    }

    /**
     * Computes {@code partials[j, c]} = sum of column c over chunk j, which has the rows from {@code j * chunk} on.
     *
     * <p>x {@code [rows, columns]}, partials {@code [chunks, columns]}.
     *
     * <p>Launch: one item a column; second dimension: chunks.
     */
    public static void sumColumns(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int rows = args.get(1);
        int columns = args.get(2);
        int chunk = args.get(3);
        int partials = args.get(4);
        int c = context.globalIdx;
        int j = context.globalIdy;
        if (c < columns) {
            int last = TornadoMath.min(rows, (j + 1) * chunk);
            float sum = 0;
            for (int row = j * chunk; row < last; row++) {
                sum += floats.get(x + row * columns + c);
            }
            floats.set(partials + j * columns + c, sum);
        }
    }

    /**
     * Computes {@code out} = the chunks' sums, added first to last; kept is 1 if to what is there, 0 if to nothing.
     *
     * <p>partials {@code [chunks, size]}, out {@code [size]}.
     *
     * <p>Launch: one item an element.
     */
    public static void addChunks(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int partials = args.get(0);
        int chunks = args.get(1);
        int size = args.get(2);
        int kept = args.get(3);
        int out = args.get(4);
        int c = context.globalIdx;
        if (c < size) {
            float sum = 0;
            if (kept == 1) {
                sum = floats.get(out + c);
            }
            for (int j = 0; j < chunks; j++) {
                sum += floats.get(partials + j * size + c);
            }
            floats.set(out + c, sum);
        }
    }
}
