package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Products of matrices, several at once: {@code out[b] = factor a[b] x[b] (+ out[b])}.
 *
 * <p>a: element (r, k) of matrix b at {@code b aBatch + r aRow + k aDepth}, x: element (k, n) at {@code xFirst + b xBatch
 * + k xDepth + n xColumn}, so that both may be transposed as they lie; out: element (r, n) at {@code outFirst + b outBatch +
 * r columns + n}. Matrix
 * b has the depth {@code min(depth, total - b depth)}: a long product is cut into chunks as the matrices of a batch, whose
 * results are then added in order ({@link Sum}). Otherwise total is B depth.
 *
 * <p>Launch: the tiles of {@link Linear}. Global size: GROUP ceil(columns / TILE) ceil(rows / TILE), GROUP B; local size:
 * GROUP, GROUP.
 */
public final class Product {
    private Product() {}

    public static void product(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int a = args.get(0);
        int aBatch = args.get(1);
        int aRow = args.get(2);
        int aDepth = args.get(3);
        int x = args.get(4);
        int xFirst = args.get(5);
        int xBatch = args.get(6);
        int xDepth = args.get(7);
        int xColumn = args.get(8);
        int rows = args.get(9);
        int columns = args.get(10);
        int depth = args.get(11);
        int total = args.get(12);
        int accumulate = args.get(13);
        int outFirst = args.get(14);
        int outBatch = args.get(15);
        int out = args.get(16);
        float factor = numbers.get(0);
        float[] as = context.allocateFloatLocalArray(Linear.DEPTH * Linear.STRIDE);
        float[] xs = context.allocateFloatLocalArray(Linear.DEPTH * Linear.STRIDE);
        float[] sums = new float[Linear.ITEM * Linear.ITEM];
        int i = context.localIdx;
        int j = context.localIdy;
        int item = j * Linear.GROUP + i;
        int across = (columns + Linear.TILE - 1) / Linear.TILE;
        int row = context.groupIdx / across * Linear.TILE;
        int column = context.groupIdx % across * Linear.TILE;
        int b = context.groupIdy;
        int own = TornadoMath.min(depth, total - b * depth);
        int left = a + b * aBatch;
        int right = x + xFirst + b * xBatch;
        for (int n = 0; n < Linear.ITEM * Linear.ITEM; n++) {
            sums[n] = 0;
        }
        for (int k = 0; k < own; k += Linear.DEPTH) {
            for (int at = item; at < Linear.DEPTH * Linear.TILE; at += Linear.GROUP * Linear.GROUP) {
                // Neighbouring items read neighbours, whichever way an operand lies.
                int d = at % Linear.DEPTH;
                int r = at / Linear.DEPTH;
                if (aDepth != 1) {
                    d = at / Linear.TILE;
                    r = at % Linear.TILE;
                }
                float value = 0;
                if (row + r < rows && k + d < own) {
                    value = floats.get(left + (row + r) * aRow + (k + d) * aDepth);
                }
                as[d * Linear.STRIDE + r] = value;
            }
            for (int at = item; at < Linear.DEPTH * Linear.TILE; at += Linear.GROUP * Linear.GROUP) {
                int d = at % Linear.DEPTH;
                int c = at / Linear.DEPTH;
                if (xDepth != 1) {
                    d = at / Linear.TILE;
                    c = at % Linear.TILE;
                }
                float value = 0;
                if (column + c < columns && k + d < own) {
                    value = floats.get(right + (k + d) * xDepth + (column + c) * xColumn);
                }
                xs[d * Linear.STRIDE + c] = value;
            }
            context.localBarrier();
            for (int d = 0; d < Linear.DEPTH; d++) {
                float x0 = xs[d * Linear.STRIDE + i];
                float x1 = xs[d * Linear.STRIDE + i + Linear.GROUP];
                float x2 = xs[d * Linear.STRIDE + i + 2 * Linear.GROUP];
                float x3 = xs[d * Linear.STRIDE + i + 3 * Linear.GROUP];
                float x4 = xs[d * Linear.STRIDE + i + 4 * Linear.GROUP];
                float x5 = xs[d * Linear.STRIDE + i + 5 * Linear.GROUP];
                float x6 = xs[d * Linear.STRIDE + i + 6 * Linear.GROUP];
                float x7 = xs[d * Linear.STRIDE + i + 7 * Linear.GROUP];
                for (int n = 0; n < Linear.ITEM; n++) {
                    float value = as[d * Linear.STRIDE + j + n * Linear.GROUP];
                    sums[n * Linear.ITEM] += value * x0;
                    sums[n * Linear.ITEM + 1] += value * x1;
                    sums[n * Linear.ITEM + 2] += value * x2;
                    sums[n * Linear.ITEM + 3] += value * x3;
                    sums[n * Linear.ITEM + 4] += value * x4;
                    sums[n * Linear.ITEM + 5] += value * x5;
                    sums[n * Linear.ITEM + 6] += value * x6;
                    sums[n * Linear.ITEM + 7] += value * x7;
                }
            }
            context.localBarrier();
        }
        for (int n = 0; n < Linear.ITEM; n++) {
            int r = row + j + n * Linear.GROUP;
            if (r < rows) {
                int to = out + outFirst + b * outBatch + r * columns;
                for (int m = 0; m < Linear.ITEM; m++) {
                    int c = column + i + m * Linear.GROUP;
                    if (c < columns) {
                        float sum = sums[n * Linear.ITEM + m] * factor;
                        if (accumulate == 1) {
                            sum += floats.get(to + c);
                        }
                        floats.set(to + c, sum);
                    }
                }
            }
        }
    }
}
