package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A step of Adam (Kingma and Ba 2015) as PyTorch takes it: {@code m = beta1 m + (1 - beta1) g}, {@code v = beta2 v + (1 -
 * beta2) g^2}, {@code parameter -= rate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon)}.
 *
 * <p>parameter, gradient, mean (m), square (v) {@code [size]}; keepMean, newMean: beta1 and 1 - beta1; keepSquare, newSquare:
 * beta2 and 1 - beta2; spread: {@code 1 / sqrt(1 - beta2^t)}; step: {@code rate / (1 - beta1^t)}.
 *
 * <p>Launch: one item an element.
 */
public final class Adam {
    private Adam() {}

    public static void adam(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int parameter = args.get(0);
        int gradient = args.get(1);
        int mean = args.get(2);
        int square = args.get(3);
        int size = args.get(4);
        float keepMean = numbers.get(0);
        float newMean = numbers.get(1);
        float keepSquare = numbers.get(2);
        float newSquare = numbers.get(3);
        float spread = numbers.get(4);
        float epsilon = numbers.get(5);
        float step = numbers.get(6);
        int i = context.globalIdx;
        if (i < size) {
            float g = floats.get(gradient + i);
            float m = keepMean * floats.get(mean + i) + newMean * g;
            float v = keepSquare * floats.get(square + i) + newSquare * g * g;
            floats.set(mean + i, m);
            floats.set(square + i, v);
            float moved = m / (TornadoMath.sqrt(v) * spread + epsilon);
            floats.set(parameter + i, floats.get(parameter + i) - step * moved);
        }
    }
}
