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
        float log = clamped * -1.0601554e-9f + 5.6228198e-8f;
        log = clamped * log + -1.1714409e-6f;
        log = clamped * log + 1.1197570e-5f;
        log = clamped * log + -2.3278641e-5f;
        log = clamped * log + -6.0247921e-4f;
        log = clamped * log + 0.0077752112f;
        log = clamped * log + -0.053068265f;
        log = clamped * log + -0.45899162f;
        log = clamped * log + -1.1511332f;
        log = clamped * log + -1.0f;
        return (x + a) * 0.5f - clamped * TornadoMath.exp(log * LN_2);
    }
}
