package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Bicubic resize with a = -0.75, align_corners false, borders repeated.
 *
 * <p>x {@code [B, h, w, C]}, out {@code [B, H, W, C]}; rows = B H W. Where the taps of a line or column of the output
 * start, and their weights, come from the host, which has doubles: an error of the coordinate is an error of the result.
 * starts {@code [H + W]} int32, weights {@code [H + W, 4]}, lines first.
 *
 * <p>Launch: row kernel over out ({@link Rows}).
 */
public final class Bicubic {
    private Bicubic() {}

    public static void bicubic(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int rows = args.get(1);
        int height = args.get(2);
        int width = args.get(3);
        int channels = args.get(4);
        int outHeight = args.get(5);
        int outWidth = args.get(6);
        int starts = args.get(7);
        int weights = args.get(8);
        int out = args.get(9);
        int row = context.globalIdy;
        if (row < rows) {
            int line = row / outWidth % outHeight;
            int column = outHeight + row % outWidth;
            int y0 = ints.get(starts + line);
            int x0 = ints.get(starts + column);
            int image = row / outWidth / outHeight * height;
            int to = out + row * channels;
            for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                float sum = 0;
                for (int i = 0; i < 4; i++) {
                    int source = image + TornadoMath.clamp(y0 + i, 0, height - 1);
                    float across = 0;
                    for (int j = 0; j < 4; j++) {
                        int from = source * width + TornadoMath.clamp(x0 + j, 0, width - 1);
                        across += floats.get(weights + 4 * column + j) * floats.get(x + from * channels + c);
                    }
                    sum += floats.get(weights + 4 * line + i) * across;
                }
                floats.set(to + c, sum);
            }
        }
    }
}
