package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention weights of the first Q queries, stored: {@code out[b, h, q, t] = softmax over t of q . k / sqrt(D)}. For
 * pictures and for checking; not made to be fast.
 *
 * <p>qkv {@code [B, T, 3 heads D]}, out {@code [B, heads, Q, T]}; rows = B heads Q.
 *
 * <p>Launch: row kernel over out, its channels being the tokens ({@link Rows}).
 */
public final class AttentionWeights {
    private AttentionWeights() {}

    public static void attentionWeights(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int qkv = args.get(0);
        int rows = args.get(1);
        int tokens = args.get(2);
        int heads = args.get(3);
        int depth = args.get(4);
        int queries = args.get(5);
        float scale = numbers.get(0);
        int out = args.get(6);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int head = row / queries % heads;
        int image = row / queries / heads;
        int stride = 3 * heads * depth;
        int query = qkv + (image * tokens + row % queries) * stride + head * depth;
        int keys = qkv + image * tokens * stride + (heads + head) * depth;
        int to = out + row * tokens;
        int count = row < rows ? tokens : 0;

        float best = Rows.LOWEST;
        for (int t = lane; t < count; t += Rows.LANES) {
            float score = 0;
            for (int d = 0; d < depth; d++) {
                score += floats.get(query + d) * floats.get(keys + t * stride + d);
            }
            score *= scale;
            floats.set(to + t, score);
            best = TornadoMath.max(best, score);
        }
        float maximum = Rows.largest(context, best, scratch);
        float sum = 0;
        for (int t = lane; t < count; t += Rows.LANES) {
            float e = TornadoMath.exp(floats.get(to + t) - maximum);
            floats.set(to + t, e);
            sum += e;
        }
        float factor = 1 / Rows.sum(context, sum, scratch);
        for (int t = lane; t < count; t += Rows.LANES) {
            floats.set(to + t, floats.get(to + t) * factor);
        }
    }
}
