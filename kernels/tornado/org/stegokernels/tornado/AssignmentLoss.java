package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Loss of the cluster probe: the mean over rows of {@code -sum_k p[k] c[k]}, with its gradient.
 *
 * <p>cosines (c), gradCosines {@code [rows, clusters]}; products {@code [rows]}: {@code sum p c}, which {@link Sum} adds up;
 * factor: -weight / rows.
 *
 * <p>Launch: row kernels ({@link Rows}).
 */
public final class AssignmentLoss {
    private AssignmentLoss() {}

    /** p is 1 for the largest cosine, the first one on a tie. best {@code [rows]} int32 has its index ({@link Argmax}). */
    public static void hardAssignment(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int cosines = args.get(0);
        int best = args.get(1);
        int rows = args.get(2);
        int clusters = args.get(3);
        float factor = numbers.get(0);
        int gradCosines = args.get(4);
        int products = args.get(5);
        int lane = context.localIdx;
        int row = context.globalIdy;
        if (row < rows) {
            int winner = ints.get(best + row);
            for (int k = lane; k < clusters; k += Rows.LANES) {
                float gradient = 0;
                if (k == winner) {
                    gradient = factor;
                }
                floats.set(gradCosines + row * clusters + k, gradient);
            }
            if (lane == 0) {
                floats.set(products + row, floats.get(cosines + row * clusters + winner));
            }
        }
    }

    /**
     * Computes {@code p = softmax(alpha c)}, which gradCosines holds ({@link Softmax}) and which becomes the gradient
     * {@code factor p_k (1 + alpha (c_k - sum p c))}.
     */
    public static void softAssignment(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int cosines = args.get(0);
        int rows = args.get(1);
        int clusters = args.get(2);
        float alpha = numbers.get(0);
        float factor = numbers.get(1);
        int gradCosines = args.get(3);
        int products = args.get(4);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int c = cosines + row * clusters;
        int p = gradCosines + row * clusters;
        int count = row < rows ? clusters : 0;

        float part = 0;
        for (int k = lane; k < count; k += Rows.LANES) {
            part += floats.get(p + k) * floats.get(c + k);
        }
        float product = Rows.sum(context, part, scratch);
        for (int k = lane; k < count; k += Rows.LANES) {
            floats.set(p + k, floats.get(p + k) * factor * (1 + alpha * (floats.get(c + k) - product)));
        }
        if (lane == 0 && row < rows) {
            floats.set(products + row, product);
        }
    }
}
