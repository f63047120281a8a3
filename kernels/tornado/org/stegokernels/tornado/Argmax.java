package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Index of the largest channel of each row, the first one on a tie.
 *
 * <p>x {@code [rows, channels]}, out {@code [rows]} int32.
 *
 * <p>Launch: row kernel ({@link Rows}). Lanes are joined by comparing (value, index), not values alone.
 */
public final class Argmax {
    private Argmax() {}

    public static void argmax(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int rows = args.get(1);
        int channels = args.get(2);
        int out = args.get(3);
        float[] values = context.allocateFloatLocalArray(Rows.SCRATCH);
        int[] indices = context.allocateIntLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int at = context.localIdy * Rows.LANES + lane;
        int from = x + row * channels;
        int count = row < rows ? channels : 0;

        float best = Rows.LOWEST;
        int index = lane < channels ? lane : 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            float value = floats.get(from + c);
            if (value > best) {
                best = value;
                index = c;
            }
        }
        values[at] = best;
        indices[at] = index;
        context.localBarrier();
        for (int half = Rows.LANES / 2; half > 0; half /= 2) {
            if (lane < half) {
                float other = values[at + half];
                int otherIndex = indices[at + half];
                if (other > values[at] || (other == values[at] && otherIndex < indices[at])) {
                    values[at] = other;
                    indices[at] = otherIndex;
                }
            }
            context.localBarrier();
        }
        if (lane == 0 && row < rows) {
            ints.set(out + row, indices[at]);
        }
    }
}
