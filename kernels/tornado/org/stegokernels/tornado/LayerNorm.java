package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code out = (x - mean) / sqrt(variance + epsilon) * gamma + beta}, over the channels of each row; biased variance (Ba,
 * Kiros and Hinton 2016).
 *
 * <p>x, out {@code [rows, channels]}, gamma, beta {@code [channels]}; out may be x. Two passes for mean and variance:
 * {@code E[x^2] - mean^2} loses everything where the mean is large. The second also finds what a float can't hold of the mean.
 *
 * <p>Launch: row kernel ({@link Rows}).
 */
public final class LayerNorm {
    private LayerNorm() {}

    public static void layerNorm(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int gamma = args.get(1);
        int beta = args.get(2);
        int rows = args.get(3);
        int channels = args.get(4);
        float epsilon = numbers.get(0);
        int out = args.get(5);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int from = x + row * channels;
        int to = out + row * channels;
        int count = row < rows ? channels : 0;

        float sum = 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            sum += floats.get(from + c);
        }
        float mean = Rows.sum(context, sum, scratch) / channels;
        float squares = 0;
        float differences = 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            float difference = floats.get(from + c) - mean;
            differences += difference;
            squares += difference * difference;
        }
        float rest = Rows.sum(context, differences, scratch) / channels;
        float variance = Rows.sum(context, squares, scratch) / channels - rest * rest;
        if (variance < 0) {
            variance = 0;
        }
        float factor = 1 / TornadoMath.sqrt(variance + epsilon);
        for (int c = lane; c < count; c += Rows.LANES) {
            float scaled = (floats.get(from + c) - mean - rest) * factor;
            floats.set(to + c, scaled * floats.get(gamma + c) + floats.get(beta + c));
        }
    }
}
