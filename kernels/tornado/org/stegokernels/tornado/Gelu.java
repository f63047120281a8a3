package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Exact GELU, {@code x/2 (1 + erf(x / sqrt 2))}, element by element: {@code max(x, 0) - a Phi(-a)} with {@code a =
 * |x|}, so that nothing cancels.
 *
 * <p>x, out {@code [rows, channels]}; out may be x.
 *
 * <p>Launch: row kernel ({@link Rows}).
 */
public final class Gelu {
    private static final float LN_2 = 0.6931472f;

    private Gelu() {}

    public static void geluRows(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int rows = args.get(1);
        int channels = args.get(2);
        int out = args.get(3);
        int row = context.globalIdy;
        if (row < rows) {
            for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                int i = row * channels + c;
                floats.set(out + i, gelu(floats.get(x + i)));
            }
        }
    }

    /**
     * Computes GELU. The binary logarithm of Phi(-a) is a polynomial, the same as the CPU kernels' ({@code
     * ScalarMath}).
     */
    static float gelu(float x) {
        float a = TornadoMath.abs(x);
        float clamped = TornadoMath.min(a, 13.0f);
        float log = clamped * -7.4633028e-10f + 4.0013433e-8f;
        log = clamped * log + -8.3172370e-7f;
        log = clamped * log + 7.4857912e-6f;
        log = clamped * log + -5.1455669e-7f;
        log = clamped * log + -6.8204023e-4f;
        log = clamped * log + 0.0079327533f;
        log = clamped * log + -0.05323866f;
        log = clamped * log + -0.45890045f;
        log = clamped * log + -1.1511514f;
        log = clamped * log + -1.0f;
        return (x + a) * 0.5f - clamped * TornadoMath.exp(log * LN_2);
    }
}
