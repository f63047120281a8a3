package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Backward of softmax: {@code scale y (g - y . g)}, y being its output.
 *
 * <p>y, gradOut (g), gradX {@code [rows, channels]}; gradX may be gradOut.
 *
 * <p>Launch: row kernel ({@link Rows}).
 */
public final class SoftmaxGradient {
    private SoftmaxGradient() {}

    public static void softmaxGradient(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int y = args.get(0);
        int gradOut = args.get(1);
        int rows = args.get(2);
        int channels = args.get(3);
        float scale = numbers.get(0);
        int gradX = args.get(4);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int from = y + row * channels;
        int g = gradOut + row * channels;
        int to = gradX + row * channels;
        int count = row < rows ? channels : 0;

        float products = 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            products += floats.get(from + c) * floats.get(g + c);
        }
        float mean = Rows.sum(context, products, scratch);
        for (int c = lane; c < count; c += Rows.LANES) {
            floats.set(to + c, scale * floats.get(from + c) * (floats.get(g + c) - mean));
        }
    }
}
