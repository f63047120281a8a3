package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code out = x / max(|x|, epsilon)}, |x| being the Euclidean length of the row.
 *
 * <p>x, out {@code [rows, channels]}; out may be x.
 *
 * <p>Launch: row kernel ({@link Rows}).
 */
public final class Normalize {
    private Normalize() {}

    public static void normalizeRows(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int rows = args.get(1);
        int channels = args.get(2);
        float epsilon = numbers.get(0);
        int out = args.get(3);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int from = x + row * channels;
        int to = out + row * channels;
        int count = row < rows ? channels : 0;

        float squares = 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            squares += floats.get(from + c) * floats.get(from + c);
        }
        float length = TornadoMath.sqrt(Rows.sum(context, squares, scratch));
        float factor = 1 / TornadoMath.max(length, epsilon);
        for (int c = lane; c < count; c += Rows.LANES) {
            floats.set(to + c, floats.get(from + c) * factor);
        }
    }
}
