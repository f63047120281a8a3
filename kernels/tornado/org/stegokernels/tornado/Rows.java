package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;

/**
 * The launch that row kernels (layer norm, softmax, ...) share. A work group of {@link #LANES} x {@link #ROWS} items
 * takes {@link #ROWS} rows; in a row, lane l takes the channels l, l + LANES, l + 2 LANES ... Behind the last row there
 * are rows without channels: every item has to come to every barrier.
 *
 * <p>Launch: global size LANES, ceil(rows / ROWS) ROWS; local size LANES, ROWS.
 */
public final class Rows {
    public static final int LANES = 32;
    public static final int ROWS = 4;

    /** Floats that a sum over lanes needs in local memory. */
    static final int SCRATCH = LANES * ROWS;

    /** Less than everything that is finite; an infinity is more than relaxed arithmetic allows for. */
    static final float LOWEST = -3.4028235e38f;

    private Rows() {}

    /** Adds up a row: every lane gets the sum over the lanes of its row, added up in an order that never changes. */
    static float sum(KernelContext context, float x, float[] scratch) {
        int lane = context.localIdx;
        int at = context.localIdy * LANES + lane;
        context.localBarrier();
        scratch[at] = x;
        context.localBarrier();
        for (int half = LANES / 2; half > 0; half /= 2) {
            if (lane < half) {
                scratch[at] = scratch[at] + scratch[at + half];
            }
            context.localBarrier();
        }
        return scratch[at - lane];
    }

    /** As above, for the largest. */
    static float largest(KernelContext context, float x, float[] scratch) {
        int lane = context.localIdx;
        int at = context.localIdy * LANES + lane;
        context.localBarrier();
        scratch[at] = x;
        context.localBarrier();
        for (int half = LANES / 2; half > 0; half /= 2) {
            if (lane < half) {
                scratch[at] = TornadoMath.max(scratch[at], scratch[at + half]);
            }
            context.localBarrier();
        }
        return scratch[at - lane];
    }
}
