package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code out = exp(scale x) / sum exp(scale x)} over the channels of each row, and its logarithm.
 *
 * <p>x, out {@code [rows, channels]}; out may be x. The maximum of {@code scale x} is subtracted first; scale may be
 * negative.
 *
 * <p>Launch: row kernels ({@link Rows}).
 */
public final class Softmax {
    private Softmax() {}

    public static void softmax(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int rows = args.get(1);
        int channels = args.get(2);
        float scale = numbers.get(0);
        int out = args.get(3);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int from = x + row * channels;
        int to = out + row * channels;
        int count = row < rows ? channels : 0;

        float best = Rows.LOWEST;
        for (int c = lane; c < count; c += Rows.LANES) {
            best = TornadoMath.max(best, floats.get(from + c) * scale);
        }
        float maximum = Rows.largest(context, best, scratch);
        float sum = 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            float e = TornadoMath.exp(floats.get(from + c) * scale - maximum);
            floats.set(to + c, e);
            sum += e;
        }
        float factor = 1 / Rows.sum(context, sum, scratch);
        for (int c = lane; c < count; c += Rows.LANES) {
            floats.set(to + c, floats.get(to + c) * factor);
        }
    }

    public static void logSoftmax(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int rows = args.get(1);
        int channels = args.get(2);
        float scale = numbers.get(0);
        int out = args.get(3);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int from = x + row * channels;
        int to = out + row * channels;
        int count = row < rows ? channels : 0;

        float best = Rows.LOWEST;
        for (int c = lane; c < count; c += Rows.LANES) {
            best = TornadoMath.max(best, floats.get(from + c) * scale);
        }
        float maximum = Rows.largest(context, best, scratch);
        float sum = 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            sum += TornadoMath.exp(floats.get(from + c) * scale - maximum);
        }
        float logSum = TornadoMath.log(Rows.sum(context, sum, scratch));
        for (int c = lane; c < count; c += Rows.LANES) {
            floats.set(to + c, floats.get(from + c) * scale - maximum - logSum);
        }
    }
}
