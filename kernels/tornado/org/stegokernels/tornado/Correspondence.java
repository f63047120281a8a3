package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One term of the correspondence loss (Hamilton et al. 2022, equation 4): the mean over images and pairs of points (p,
 * q) of {@code -clamp(cd) (fd - shift)}. The products {@code fd = f1 f2^T} and {@code cd = c1 c2^T}, and those of the
 * gradients, are {@link Product}'s.
 *
 * <p>fd, cd {@code [rows, points]}; rows = B points: (b, p); a row is over q.
 *
 * <p>Launch: row kernels ({@link Rows}).
 */
public final class Correspondence {
    private Correspondence() {}

    /**
     * Centres rows: fd becomes fd less its mean over q; sums {@code [rows]} are what {@link Sum} makes the old mean of.
     */
    public static void centerRows(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int rows = args.get(0);
        int points = args.get(1);
        int fd = args.get(2);
        int sums = args.get(3);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int from = fd + row * points;
        int count = row < rows ? points : 0;

        float part = 0;
        for (int q = lane; q < count; q += Rows.LANES) {
            part += floats.get(from + q);
        }
        float sum = Rows.sum(context, part, scratch);
        float mean = sum / points;
        for (int q = lane; q < count; q += Rows.LANES) {
            floats.set(from + q, floats.get(from + q) - mean);
        }
        if (lane == 0 && row < rows) {
            floats.set(sums + row, sum);
        }
    }

    /**
     * Judges correlations: cd becomes its gradient, {@code factor (fd - shift)} where it is within its bounds, else 0;
     * sums {@code [rows]} of {@code clamp(cd) (fd - shift)}. mean {@code [1]}: the old mean of fd, added to it.
     */
    public static void judge(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int fd = args.get(0);
        int mean = args.get(1);
        int rows = args.get(2);
        int points = args.get(3);
        int cd = args.get(4);
        int sums = args.get(5);
        float shift = numbers.get(0);
        float lowest = numbers.get(1);
        float highest = numbers.get(2);
        float factor = numbers.get(3);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int count = row < rows ? points : 0;

        float base = shift - floats.get(mean);
        float part = 0;
        for (int q = lane; q < count; q += Rows.LANES) {
            float judgement = floats.get(fd + row * points + q) - base;
            float code = floats.get(cd + row * points + q);
            // A code that is not a number stays so, and with it the loss.
            float bounded = code;
            if (code > highest) {
                bounded = highest;
            } else if (code < lowest) {
                bounded = lowest;
            }
            part += bounded * judgement;
            float gradient = 0;
            if (bounded == code) {
                gradient = judgement * factor;
            }
            floats.set(cd + row * points + q, gradient);
        }
        float sum = Rows.sum(context, part, scratch);
        if (lane == 0 && row < rows) {
            floats.set(sums + row, sum);
        }
    }
}
