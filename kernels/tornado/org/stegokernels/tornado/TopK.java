package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The k keys with the largest dot product with each query, largest first, the smaller index first on a tie.
 *
 * <p>queries {@code [rows, depth]}, keys {@code [count, depth]}; similarities {@code [rows, k]}, lower than everything before
 * the first key; indices {@code [rows, k]} int32, -1 before it.
 *
 * <p>Products are made in tiles, and never leave the chip: each that beats the worst of its query's best so far is sorted
 * into these. Keys come in ascending order, so an equal product never displaces one before.
 *
 * <p>Launch: a work group of GROUP x GROUP items takes TILE queries through all keys, in the tiles of {@link Linear}; a tile
 * of products goes to local memory, where one item looks through each query's row. Global size: GROUP, GROUP ceil(rows /
 * TILE); local size: GROUP, GROUP.
 */
public final class TopK {
    private TopK() {}

    public static void topK(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int queries = args.get(0);
        int keys = args.get(1);
        int rows = args.get(2);
        int depth = args.get(3);
        int count = args.get(4);
        int k = args.get(5);
        int similarities = args.get(6);
        int indices = args.get(7);
        float[] qs = context.allocateFloatLocalArray(Linear.DEPTH * Linear.STRIDE);
        float[] ks = context.allocateFloatLocalArray(Linear.DEPTH * Linear.STRIDE);
        float[] tile = context.allocateFloatLocalArray(Linear.TILE * Linear.STRIDE);
        float[] sums = new float[Linear.ITEM * Linear.ITEM];
        int i = context.localIdx;
        int j = context.localIdy;
        int item = j * Linear.GROUP + i;
        int row = context.groupIdy * Linear.TILE;
        for (int column = 0; column < count; column += Linear.TILE) {
            for (int n = 0; n < Linear.ITEM * Linear.ITEM; n++) {
                sums[n] = 0;
            }
            for (int step = 0; step < depth; step += Linear.DEPTH) {
                for (int at = item; at < Linear.DEPTH * Linear.TILE; at += Linear.GROUP * Linear.GROUP) {
                    int d = at % Linear.DEPTH;
                    int r = at / Linear.DEPTH;
                    float query = 0;
                    float key = 0;
                    if (step + d < depth) {
                        if (row + r < rows) {
                            query = floats.get(queries + (row + r) * depth + step + d);
                        }
                        if (column + r < count) {
                            key = floats.get(keys + (column + r) * depth + step + d);
                        }
                    }
                    qs[d * Linear.STRIDE + r] = query;
                    ks[d * Linear.STRIDE + r] = key;
                }
                context.localBarrier();
                for (int d = 0; d < Linear.DEPTH; d++) {
                    float k0 = ks[d * Linear.STRIDE + i];
                    float k1 = ks[d * Linear.STRIDE + i + Linear.GROUP];
                    float k2 = ks[d * Linear.STRIDE + i + 2 * Linear.GROUP];
                    float k3 = ks[d * Linear.STRIDE + i + 3 * Linear.GROUP];
                    float k4 = ks[d * Linear.STRIDE + i + 4 * Linear.GROUP];
                    float k5 = ks[d * Linear.STRIDE + i + 5 * Linear.GROUP];
                    float k6 = ks[d * Linear.STRIDE + i + 6 * Linear.GROUP];
                    float k7 = ks[d * Linear.STRIDE + i + 7 * Linear.GROUP];
                    for (int n = 0; n < Linear.ITEM; n++) {
                        float query = qs[d * Linear.STRIDE + j + n * Linear.GROUP];
                        sums[n * Linear.ITEM] += query * k0;
                        sums[n * Linear.ITEM + 1] += query * k1;
                        sums[n * Linear.ITEM + 2] += query * k2;
                        sums[n * Linear.ITEM + 3] += query * k3;
                        sums[n * Linear.ITEM + 4] += query * k4;
                        sums[n * Linear.ITEM + 5] += query * k5;
                        sums[n * Linear.ITEM + 6] += query * k6;
                        sums[n * Linear.ITEM + 7] += query * k7;
                    }
                }
                context.localBarrier();
            }
            for (int n = 0; n < Linear.ITEM; n++) {
                for (int m = 0; m < Linear.ITEM; m++) {
                    int at = (j + n * Linear.GROUP) * Linear.STRIDE + i + m * Linear.GROUP;
                    tile[at] = sums[n * Linear.ITEM + m];
                }
            }
            context.localBarrier();
            if (item < Linear.TILE && row + item < rows) {
                int scores = similarities + (row + item) * k;
                int found = indices + (row + item) * k;
                int last = TornadoMath.min(Linear.TILE, count - column);
                float worst = floats.get(scores + k - 1);
                for (int c = 0; c < last; c++) {
                    float score = tile[item * Linear.STRIDE + c];
                    if (score > worst) {
                        int place = k - 1;
                        while (place > 0 && floats.get(scores + place - 1) < score) {
                            floats.set(scores + place, floats.get(scores + place - 1));
                            ints.set(found + place, ints.get(found + place - 1));
                            place--;
                        }
                        floats.set(scores + place, score);
                        ints.set(found + place, column + c);
                        worst = floats.get(scores + k - 1);
                    }
                }
            }
            context.localBarrier();
        }
    }
}
