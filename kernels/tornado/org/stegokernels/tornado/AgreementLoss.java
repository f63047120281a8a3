package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The mean over rows of {@code -(a . b)}, and its gradient for a, {@code -b / rows}.
 *
 * <p>a, b, gradA {@code [rows, channels]}; products {@code [rows]}: {@code a . b}, which {@link Sum} adds up; factor: -weight
 * / rows.
 *
 * <p>Launch: row kernel ({@link Rows}).
 */
public final class AgreementLoss {
    private AgreementLoss() {}

    public static void agreementLoss(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int a = args.get(0);
        int b = args.get(1);
        int rows = args.get(2);
        int channels = args.get(3);
        float factor = numbers.get(0);
        int gradA = args.get(4);
        int products = args.get(5);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int first = row * channels;
        int count = row < rows ? channels : 0;

        float part = 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            part += floats.get(a + first + c) * floats.get(b + first + c);
        }
        float product = Rows.sum(context, part, scratch);
        for (int c = lane; c < count; c += Rows.LANES) {
            floats.set(gradA + first + c, factor * floats.get(b + first + c));
        }
        if (lane == 0 && row < rows) {
            floats.set(products + row, product);
        }
    }
}
