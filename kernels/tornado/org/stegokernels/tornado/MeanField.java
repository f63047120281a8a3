package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Mean-field inference in a dense CRF with Potts compatibility (Kraehenbuehl and Koltun 2011, algorithm 1): {@code Q =
 * softmax(logits)}, then {@code Q = softmax(logits + sum of weights[i] filter_i(Q))} again and again. Splatting and
 * blurring are {@link LatticeFilter}'s; slicing, adding up and the softmax are one kernel here.
 *
 * <p>Launch: row kernels over points ({@link Rows}).
 */
public final class MeanField {
    private MeanField() {}

    /**
     * Computes {@code out = base + scaleA sliceA + scaleB sliceB}: for all lattices but the last two, where there are
     * more.
     */
    public static void meanFieldAdd(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        addSlices(context, args, numbers, floats, ints);
    }

    /**
     * Adds up the sum, this item's channels of which go to {@code out}. Returns the largest of them. A lattice with no
     * corners is left out.
     *
     * <p>base, out {@code [points, channels]}; values, vertices and weights as in {@link LatticeFilter#sliceRows}.
     */
    private static float addSlices(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int base = args.get(0);
        int valuesA = args.get(1);
        int verticesA = args.get(2);
        int weightsA = args.get(3);
        int cornersA = args.get(4);
        int valuesB = args.get(5);
        int verticesB = args.get(6);
        int weightsB = args.get(7);
        int cornersB = args.get(8);
        int rows = args.get(9);
        int channels = args.get(10);
        int out = args.get(11);
        float scaleA = numbers.get(0);
        float scaleB = numbers.get(1);
        int lane = context.localIdx;
        int p = context.globalIdy;
        int from = base + p * channels;
        int to = out + p * channels;
        int count = p < rows ? channels : 0;

        float best = Rows.LOWEST;
        for (int c = lane; c < count; c += Rows.LANES) {
            float a = 0;
            for (int e = p * cornersA; e < (p + 1) * cornersA; e++) {
                a += floats.get(weightsA + e) * floats.get(valuesA + ints.get(verticesA + e) * channels + c);
            }
            float b = 0;
            for (int e = p * cornersB; e < (p + 1) * cornersB; e++) {
                b += floats.get(weightsB + e) * floats.get(valuesB + ints.get(verticesB + e) * channels + c);
            }
            float sum = floats.get(from + c) + scaleA * a + scaleB * b;
            floats.set(to + c, sum);
            best = TornadoMath.max(best, sum);
        }
        return best;
    }

    /** Computes {@code out = softmax(base + scaleA sliceA + scaleB sliceB)}. */
    public static void meanFieldUpdate(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int rows = args.get(9);
        int channels = args.get(10);
        int out = args.get(11);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int p = context.globalIdy;
        int to = out + p * channels;
        int count = p < rows ? channels : 0;

        float best = addSlices(context, args, numbers, floats, ints);
        float maximum = Rows.largest(context, best, scratch);
        float total = 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            float e = TornadoMath.exp(floats.get(to + c) - maximum);
            floats.set(to + c, e);
            total += e;
        }
        float factor = 1 / Rows.sum(context, total, scratch);
        for (int c = lane; c < count; c += Rows.LANES) {
            floats.set(to + c, floats.get(to + c) * factor);
        }
    }
}
