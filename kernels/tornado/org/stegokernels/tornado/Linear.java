package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Linear layer: {@code out = activation(x W^T + bias + residual)}.
 *
 * <p>x {@code [rows, inputs]}, out and residual {@code [rows, outputs]} (residual may be out), bias {@code [outputs]};
 * the weight of output n and input k lies at {@code n outputStride + k inputStride}, so that weights may be transposed as
 * they lie. activation: 0 none, 1 exact GELU, 2 ReLU; hasBias, hasResidual: 0 or 1.
 *
 * <p>Row r is written to row {@code r + (r / period + 1) * skip} of out, and gets row {@code r % period} of residual: the
 * rows of a patch embedding leave room for a prefix before each image and share its positions. Otherwise period is rows
 * and skip 0.
 *
 * <p>Launch: a work group of {@link #GROUP} x {@link #GROUP} items takes a tile of {@link #TILE} x {@link #TILE} results;
 * {@link #DEPTH} steps of the inputs at a time go through local memory. Item (i, j) has rows j + GROUP n and columns i +
 * GROUP m, so that neighbours write neighbours. Global size: GROUP ceil(outputs / TILE), GROUP ceil(rows / TILE); local
 * size: GROUP, GROUP.
 */
public final class Linear {
    public static final int GROUP = 8;
    /** Rows, and columns, of an item. */
    static final int ITEM = 8;

    public static final int TILE = GROUP * ITEM;
    static final int DEPTH = 16;
    /** One float more in a row of a tile keeps the stores of its transpose out of one bank. */
    static final int STRIDE = TILE + 1;

    private Linear() {}

    public static void linear(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int weight = args.get(1);
        int outputStride = args.get(2);
        int inputStride = args.get(3);
        int bias = args.get(4);
        int hasBias = args.get(5);
        int residual = args.get(6);
        int hasResidual = args.get(7);
        int activation = args.get(8);
        int rows = args.get(9);
        int inputs = args.get(10);
        int outputs = args.get(11);
        int period = args.get(12);
        int skip = args.get(13);
        int out = args.get(14);
        float[] xs = context.allocateFloatLocalArray(DEPTH * STRIDE);
        float[] ws = context.allocateFloatLocalArray(DEPTH * STRIDE);
        float[] sums = new float[ITEM * ITEM];
        int i = context.localIdx;
        int j = context.localIdy;
        int item = j * GROUP + i;
        int row = context.groupIdy * TILE;
        int column = context.groupIdx * TILE;
        for (int m = 0; m < ITEM; m++) {
            int c = column + i + m * GROUP;
            float start = 0;
            if (hasBias == 1 && c < outputs) {
                start = floats.get(bias + c);
            }
            for (int n = 0; n < ITEM; n++) {
                sums[n * ITEM + m] = start;
            }
        }
        for (int k = 0; k < inputs; k += DEPTH) {
            for (int at = item; at < DEPTH * TILE; at += GROUP * GROUP) {
                int d = at % DEPTH;
                int r = at / DEPTH;
                float value = 0;
                float factor = 0;
                if (k + d < inputs) {
                    if (row + r < rows) {
                        value = floats.get(x + (row + r) * inputs + k + d);
                    }
                    if (column + r < outputs) {
                        factor = floats.get(weight + (column + r) * outputStride + (k + d) * inputStride);
                    }
                }
                xs[d * STRIDE + r] = value;
                ws[d * STRIDE + r] = factor;
            }
            context.localBarrier();
            for (int d = 0; d < DEPTH; d++) {
                float w0 = ws[d * STRIDE + i];
                float w1 = ws[d * STRIDE + i + GROUP];
                float w2 = ws[d * STRIDE + i + 2 * GROUP];
                float w3 = ws[d * STRIDE + i + 3 * GROUP];
                float w4 = ws[d * STRIDE + i + 4 * GROUP];
                float w5 = ws[d * STRIDE + i + 5 * GROUP];
                float w6 = ws[d * STRIDE + i + 6 * GROUP];
                float w7 = ws[d * STRIDE + i + 7 * GROUP];
                for (int n = 0; n < ITEM; n++) {
                    float value = xs[d * STRIDE + j + n * GROUP];
                    sums[n * ITEM] += value * w0;
                    sums[n * ITEM + 1] += value * w1;
                    sums[n * ITEM + 2] += value * w2;
                    sums[n * ITEM + 3] += value * w3;
                    sums[n * ITEM + 4] += value * w4;
                    sums[n * ITEM + 5] += value * w5;
                    sums[n * ITEM + 6] += value * w6;
                    sums[n * ITEM + 7] += value * w7;
                }
            }
            context.localBarrier();
        }
        for (int n = 0; n < ITEM; n++) {
            int r = row + j + n * GROUP;
            if (r < rows) {
                int to = out + (r + (r / period + 1) * skip) * outputs;
                int added = residual + r % period * outputs;
                for (int m = 0; m < ITEM; m++) {
                    int c = column + i + m * GROUP;
                    if (c < outputs) {
                        float sum = sums[n * ITEM + m];
                        if (hasResidual == 1) {
                            sum += floats.get(added + c);
                        }
                        if (activation == 1) {
                            sum = Gelu.gelu(sum);
                        } else if (activation == 2 && sum < 0) {
                            sum = 0;
                        }
                        floats.set(to + c, sum);
                    }
                }
            }
        }
    }
}
