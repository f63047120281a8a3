package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Mean of an image of features and of its mirror image's, flipped back: {@code out[y, x] = (a[0, y, x] + a[1, y, width -
 * 1 - x]) / 2}.
 *
 * <p>x {@code [2, height, width, channels]}, out {@code [height, width, channels]}; rows = height width.
 *
 * <p>Launch: row kernel over out ({@link Rows}).
 */
public final class MirrorMean {
    private MirrorMean() {}

    public static void mirrorMean(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int rows = args.get(1);
        int width = args.get(2);
        int channels = args.get(3);
        int out = args.get(4);
        int row = context.globalIdy;
        if (row < rows) {
            int column = row % width;
            int straight = x + row * channels;
            int mirrored = x + (rows + row - column + width - 1 - column) * channels;
            int to = out + row * channels;
            for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                floats.set(to + c, 0.5f * (floats.get(straight + c) + floats.get(mirrored + c)));
            }
        }
    }
}
