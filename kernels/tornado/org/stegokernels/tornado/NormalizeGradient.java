package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Backward of normalize: {@code (g - y (y . g)) / |x|} with {@code y = x / |x|}, or {@code g / epsilon} where {@code |x| <
 * epsilon}.
 *
 * <p>x, gradOut (g), gradX {@code [rows, channels]}; gradX may be gradOut.
 *
 * <p>Launch: row kernel ({@link Rows}).
 */
public final class NormalizeGradient {
    private NormalizeGradient() {}

    public static void normalizeGradient(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int gradOut = args.get(1);
        int rows = args.get(2);
        int channels = args.get(3);
        float epsilon = numbers.get(0);
        int gradX = args.get(4);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int from = x + row * channels;
        int g = gradOut + row * channels;
        int to = gradX + row * channels;
        int count = row < rows ? channels : 0;

        float squares = 0;
        float products = 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            float own = floats.get(from + c);
            squares += own * own;
            products += own * floats.get(g + c);
        }
        float length = TornadoMath.sqrt(Rows.sum(context, squares, scratch));
        float product = Rows.sum(context, products, scratch);
        float a = 1 / length;
        float b = 0;
        if (length < epsilon) {
            a = 1 / epsilon;
        } else {
            // (x / |x|) (x . g / |x|) / |x|, divided one after the other: |x|^3 may be out of range.
            b = -(product / length) / length / length;
        }
        for (int c = lane; c < count; c += Rows.LANES) {
            floats.set(to + c, floats.get(g + c) * a + b * floats.get(from + c));
        }
    }
}
