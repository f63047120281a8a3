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
    private static final float LARGEST = 3.4028235e38f;
    private static final float SMALLEST_SQUARE = 1e-30f;
    private static final float SMALLEST_EPSILON = 1e-14f;

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
        float total = Rows.sum(context, squares, scratch);
        // Where the sum of squares is no float or loses digits, the row is divided by its largest element first.
        float largest = 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            largest = TornadoMath.max(largest, TornadoMath.abs(floats.get(from + c)));
        }
        largest = Rows.largest(context, largest, scratch);
        float unit = 1;
        if ((total > LARGEST || (total < SMALLEST_SQUARE && epsilon < SMALLEST_EPSILON))
                && largest > 0
                && largest <= LARGEST) {
            unit = largest;
        }
        squares = 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            float share = floats.get(from + c) / unit;
            squares += share * share;
        }
        float length = TornadoMath.sqrt(Rows.sum(context, squares, scratch));
        // Written so that a length that is not a number stays so.
        float divisor = length;
        if (length < epsilon / unit) {
            divisor = epsilon / unit;
        }
        for (int c = lane; c < count; c += Rows.LANES) {
            floats.set(to + c, floats.get(from + c) / unit * (1 / divisor));
        }
    }
}
