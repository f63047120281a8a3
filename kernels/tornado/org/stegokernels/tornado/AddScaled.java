package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code sum += factor x}, element by element.
 *
 * <p>x, sum {@code [size]}.
 *
 * <p>Launch: one item an element.
 */
public final class AddScaled {
    private AddScaled() {}

    public static void addScaled(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int size = args.get(1);
        float factor = numbers.get(0);
        int sum = args.get(2);
        int i = context.globalIdx;
        if (i < size) {
            floats.set(sum + i, floats.get(sum + i) + factor * floats.get(x + i));
        }
    }
}
