package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Copies a block of rows and channels: {@code out[b, i, j] = x[b, firstRow + i, firstChannel + j]}.
 *
 * <p>x {@code [B, T, C]}, out {@code [B, P, D]}; rows = B P.
 *
 * <p>Launch: row kernel over out ({@link Rows}).
 */
public final class Slice {
    private Slice() {}

    public static void slice(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int rows = args.get(1);
        int tokens = args.get(2);
        int channels = args.get(3);
        int firstRow = args.get(4);
        int firstChannel = args.get(5);
        int outTokens = args.get(6);
        int outChannels = args.get(7);
        int out = args.get(8);
        int row = context.globalIdy;
        if (row < rows) {
            int source = row / outTokens * tokens + firstRow + row % outTokens;
            int from = x + source * channels + firstChannel;
            int to = out + row * outChannels;
            for (int c = context.localIdx; c < outChannels; c += Rows.LANES) {
                floats.set(to + c, floats.get(from + c));
            }
        }
    }
}
