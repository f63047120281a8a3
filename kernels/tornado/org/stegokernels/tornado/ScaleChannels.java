package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code out[b, p, c] = x[b, p, c] factors[b, c]}: dropout of whole channels, its mask given.
 *
 * <p>x, out {@code [rows, channels]}, perImage rows an image; factors {@code [B, channels]}; out may be x.
 *
 * <p>Launch: row kernel ({@link Rows}).
 */
public final class ScaleChannels {
    private ScaleChannels() {}

    public static void scaleChannels(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int factors = args.get(1);
        int rows = args.get(2);
        int channels = args.get(3);
        int perImage = args.get(4);
        int out = args.get(5);
        int row = context.globalIdy;
        if (row < rows) {
            int factor = factors + row / perImage * channels;
            for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                floats.set(out + row * channels + c, floats.get(x + row * channels + c) * floats.get(factor + c));
            }
        }
    }
}
