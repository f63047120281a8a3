package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Backward of ReLU: {@code gradX = y > 0 ? gradOut : 0}, y being its output.
 *
 * <p>y, gradOut, gradX {@code [size]}; gradX may be gradOut.
 *
 * <p>Launch: one item an element.
 */
public final class ReluGradient {
    private ReluGradient() {}

    public static void reluGradient(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int y = args.get(0);
        int gradOut = args.get(1);
        int size = args.get(2);
        int gradX = args.get(3);
        int i = context.globalIdx;
        if (i < size) {
            float gradient = 0;
            if (floats.get(y + i) > 0) {
                gradient = floats.get(gradOut + i);
            }
            floats.set(gradX + i, gradient);
        }
    }
}
