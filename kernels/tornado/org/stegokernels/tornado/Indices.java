package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Holds indices against their bounds before a kernel goes by them: {@code out[0]} = the first of {@code count} indices that
 * is not in 0..bound-1, or count if all are.
 *
 * <p>indices {@code [count]} int32.
 *
 * <p>Launch: one work group of {@link #GROUP} items.
 */
public final class Indices {
    public static final int GROUP = 256;

    private Indices() {}

    public static void firstOutside(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int indices = args.get(0);
        int count = args.get(1);
        int bound = args.get(2);
        int out = args.get(3);
        int[] firsts = context.allocateIntLocalArray(GROUP);
        int lane = context.localIdx;
        int first = count;
        for (int i = lane; i < count; i += GROUP) {
            int index = ints.get(indices + i);
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
