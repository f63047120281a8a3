package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Rotation of queries and keys (RoPE: Su et al. 2021), in place, of the last P tokens: in each head the points (c, c +
 * half) turn by the angle of the token and c, {@code x[c], x[c + half] = x[c] cos - x[c + half] sin, x[c + half] cos +
 * x[c] sin}.
 *
 * <p>cos, sin {@code [P, half]}, qkv {@code [B, T, 3, H, 2 half]}; rows = B P, heads = 2 H: the queries' and the keys'.
 *
 * <p>Launch: row kernel over the rows that turn ({@link Rows}); lanes share the points of all heads.
 */
public final class Rope {
    private Rope() {}

    public static void rope(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int cosines = args.get(0);
        int sines = args.get(1);
        int rows = args.get(2);
        int patches = args.get(3);
        int tokens = args.get(4);
        int heads = args.get(5);
        int half = args.get(6);
        int qkv = args.get(7);
        int row = context.globalIdy;
        if (row < rows) {
            int patch = row % patches;
            int token = row / patches * tokens + tokens - patches + patch;
            int start = qkv + token * (heads / 2 * 3) * 2 * half;
            for (int point = context.localIdx; point < heads * half; point += Rows.LANES) {
                int c = point % half;
                int first = start + point / half * 2 * half + c;
                int second = first + half;
                float cosine = floats.get(cosines + patch * half + c);
                float sine = floats.get(sines + patch * half + c);
                float a = floats.get(first);
                float b = floats.get(second);
                floats.set(first, a * cosine - b * sine);
                floats.set(second, b * cosine + a * sine);
            }
        }
    }
}
