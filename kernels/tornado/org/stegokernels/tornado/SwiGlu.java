package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Gate of a SwiGLU layer (Shazeer 2020): {@code out[c] = silu(x[c]) x[C + c]} with {@code silu(a) = a / (1 + exp(-a))}.
 *
 * <p>x {@code [rows, 2 C]}, out {@code [rows, C]}.
 *
 * <p>Launch: row kernel over out ({@link Rows}).
 */
public final class SwiGlu {
    private SwiGlu() {}

    public static void swiGlu(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int rows = args.get(1);
        int channels = args.get(2);
        int out = args.get(3);
        int row = context.globalIdy;
        if (row < rows) {
            int gate = x + row * 2 * channels;
            for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                float a = floats.get(gate + c);
                float silu = a / (1.0f + TornadoMath.exp(-a));
                floats.set(out + row * channels + c, silu * floats.get(gate + channels + c));
            }
        }
    }
}
