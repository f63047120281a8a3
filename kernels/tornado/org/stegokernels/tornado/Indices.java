package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Holds indices against their bounds before a kernel goes by them: {@code first[0]} = the first of {@code count} indices,
 * counted from number {@code from}, that is not in 0..bound-1, or count if all are.
 *
 * <p>indices int32.
 *
 * <p>Launch: one work group of {@link #GROUP} items.
 */
public final class Indices {
    public static final int GROUP = 256;

    private Indices() {}

    public static void checkIndices(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int indices = args.get(0);
        int from = args.get(1);
        int count = args.get(2);
        int bound = args.get(3);
        int out = args.get(4);
        int[] firsts = context.allocateIntLocalArray(GROUP);
        int lane = context.localIdx;
        int first = count;
        for (int i = lane; i < count; i += GROUP) {
            int index = ints.get(indices + from + i);
            if ((index < 0 || index >= bound) && i < first) {
                first = i;
            }
        }
        firsts[lane] = first;
        context.localBarrier();
        for (int half = GROUP / 2; half > 0; half /= 2) {
            if (lane < half) {
                firsts[lane] = TornadoMath.min(firsts[lane], firsts[lane + half]);
            }
            context.localBarrier();
        }
        if (lane == 0) {
            ints.set(out, firsts[0]);
        }
    }
}
