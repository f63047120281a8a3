package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Bilinear resize, align_corners false, no antialiasing: source coordinate {@code max(0, (i + 1/2) h / H - 1/2)}, the
 * upper neighbour clamped to the border.
 *
 * <p>x {@code [B, h, w, C]}, out {@code [B, H, W, C]}; rows = B H W. The coordinate is {@code ((2 i + 1) h - H) / (2 H)}:
 * in integers, so that its fraction is right to the last bit.
 *
 * <p>Launch: row kernel over out ({@link Rows}).
 */
public final class Bilinear {
    private Bilinear() {}

    public static void bilinear(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int rows = args.get(1);
        int height = args.get(2);
        int width = args.get(3);
        int channels = args.get(4);
        int outHeight = args.get(5);
        int outWidth = args.get(6);
        int out = args.get(7);
        int row = context.globalIdy;
        if (row < rows) {
            long numeratorY = numerator(row / outWidth % outHeight, height, outHeight);
            long numeratorX = numerator(row % outWidth, width, outWidth);
            int y0 = (int) (numeratorY / (2L * outHeight));
            int x0 = (int) (numeratorX / (2L * outWidth));
            float fy = (float) (int) (numeratorY - y0 * (2L * outHeight)) / (2.0f * outHeight);
            float fx = (float) (int) (numeratorX - x0 * (2L * outWidth)) / (2.0f * outWidth);
            int y1 = TornadoMath.min(y0 + 1, height - 1);
            int x1 = TornadoMath.min(x0 + 1, width - 1);
            int image = row / outWidth / outHeight * height;
            int upperLeft = x + ((image + y0) * width + x0) * channels;
            int upperRight = x + ((image + y0) * width + x1) * channels;
            int lowerLeft = x + ((image + y1) * width + x0) * channels;
            int lowerRight = x + ((image + y1) * width + x1) * channels;
            int to = out + row * channels;
            for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                float upper = floats.get(upperLeft + c) * (1 - fx) + floats.get(upperRight + c) * fx;
                float lower = floats.get(lowerLeft + c) * (1 - fx) + floats.get(lowerRight + c) * fx;
                floats.set(to + c, upper * (1 - fy) + lower * fy);
            }
        }
    }

    /** Returns the source coordinate of output i, times {@code 2 to}. */
    static long numerator(int i, int from, int to) {
        return TornadoMath.max(0L, (2L * i + 1) * from - to);
    }
}
