package org.stegokernels.device.cpu;

import java.util.Arrays;

/**
 * Multi-head attention without the T x T matrix. For each head the keys and the transposed values are first gathered; a
 * task then takes a block of queries through all keys, {@link #KEYS} at a time: scores, online softmax, weighted values,
 * all in the level-1 cache (Milakov and Gimelshein 2018; Rabe and Staats 2021).
 *
 * <p>It works on transposes, {@code S^T = K Q^T} and {@code O^T = V^T P^T}: the scores of a block of queries are the
 * weights of the second product as they lie, and no sum or maximum runs across a vector.
 */
final class Attention {
    /** Keys between two corrections of the running maximum: their scores fill a third of a 48 KiB level-1 cache. */
    private static final int KEYS = 128;

    private static final float LOG2_E = 1.442695f;

    private final GemmLanes products;
    private final Tiles tiles;
    private final AttentionLanes softmax;
    private final int rows;
    private final int queries;
    private final int step;
    private final Parallel parallel;
    private final Workspace workspace;

    Attention(GemmLanes products, AttentionLanes softmax, Parallel parallel, Workspace workspace) {
        this.products = products;
        this.tiles = new Tiles(products);
        this.softmax = softmax;
        this.rows = products.rows();
        this.queries = products.columns();
        this.step = KEYS / rows * rows;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    /**
     * The places of one head's numbers.
     *
     * @param source its first query in {@code qkv}, {@code [tokens, 3 * heads * depth]}; keys and values are {@code width}
     *     and {@code 2 * width} after them
     * @param keys its keys, {@code [tokens, depth]} as {@link Tiles}, in {@code packed}
     * @param values its values, {@code [depth, tokens]} as tiles, in {@code packed}
     * @param target its first output, {@code [tokens, width]}
     */
    private record Head(
            float[] qkv,
            int source,
            int width,
            int tokens,
            int depth,
            float[] packed,
            int keys,
            int values,
            int target) {
        int stride() {
            return 3 * width;
        }
    }

    /** qkv is {@code [batch, tokens, 3 * heads * depth]}, out is {@code [batch, tokens, heads * depth]}. */
    void run(float[] qkv, int batch, int tokens, int heads, int depth, float[] out) {
        int width = heads * depth;
        int keysSize = tiles.size(tokens, depth);
        int headSize = keysSize + tiles.size(depth, tokens);
        float[] packed = workspace.shared(Math.multiplyExact(batch * heads, headSize));
        Head[] all = new Head[batch * heads];
        for (int i = 0; i < all.length; i++) {
            int token = i / heads * tokens;
            int channel = i % heads * depth;
            int keys = i * headSize;
            all[i] = new Head(
                    qkv,
                    token * 3 * width + channel,
                    width,
                    tokens,
                    depth,
                    packed,
                    keys,
                    keys + keysSize,
                    token * width + channel);
        }
        parallel.forEach(2 * all.length, (task, worker) -> {
            Head head = all[task / 2];
            if (task % 2 == 0) {
                tiles.packRows(qkv, head.source + width, head.stride(), tokens, depth, packed, head.keys);
            } else {
                tiles.packColumns(qkv, head.source + 2 * width, head.stride(), tokens, depth, packed, head.values);
            }
        });
        int blocks = (tokens + queries - 1) / queries;
        float[][] scratch = workspace.workers((depth + step + tiles.rows(depth) + AttentionLanes.STATS) * queries);
        parallel.forEach(
                all.length * blocks,
                (task, worker) -> attend(all[task / blocks], task % blocks * queries, scratch[worker], out));
    }

    /** Takes a block of queries through all keys. Scratch: queries, scores, weighted values, running statistics. */
    private void attend(Head head, int firstQuery, float[] scratch, float[] out) {
        int depth = head.depth;
        int channels = tiles.rows(depth);
        int scores = depth * queries;
        int sums = scores + step * queries;
        int stats = sums + channels * queries;
        packQueries(head, firstQuery, scratch);
        for (int q = 0; q < queries; q++) {
            scratch[stats + q] = Float.NEGATIVE_INFINITY;
            scratch[stats + queries + q] = 0;
        }
        Arrays.fill(scratch, sums, stats, 0);
        for (int first = 0; first < head.tokens; first += step) {
            int length = Math.min(step, head.tokens - first);
            Arrays.fill(scratch, scores, sums, 0);
            for (int key = 0; key < length; key += rows) {
                int from = head.keys + tiles.at(first + key, depth);
                int to = scores + key * queries;
                products.multiply(head.packed, from, scratch, 0, depth, scratch, to, queries);
            }
            softmax.soften(scratch, queries, scores, length, stats, sums, first == 0 ? 0 : channels);
            for (int channel = 0; channel < channels; channel += rows) {
                int from = head.values + tiles.at(channel, head.tokens) + first * GemmLanes.PITCH;
                int to = sums + channel * queries;
                products.multiply(head.packed, from, scratch, scores, length, scratch, to, queries);
            }
        }
        for (int q = 0; q < Math.min(queries, head.tokens - firstQuery); q++) {
            float inverse = 1 / scratch[stats + queries + q];
            gather(scratch, sums + q, queries, depth, inverse, out, head.target + (firstQuery + q) * head.width);
        }
    }

    /** Computes {@code scratch[d, q] = query[q, d] * log2(e) / sqrt(depth)}, missing queries zero. */
    private void packQueries(Head head, int firstQuery, float[] scratch) {
        int depth = head.depth;
        float scale = (float) (LOG2_E / Math.sqrt(depth));
        int count = Math.min(queries, head.tokens - firstQuery);
        if (count < queries) {
            Arrays.fill(scratch, 0, depth * queries, 0);
        }
        for (int q = 0; q < count; q++) {
            spread(head.qkv, head.source + (firstQuery + q) * head.stride(), depth, scale, scratch, q, queries);
        }
    }

    private static void spread(
            float[] from, int offset, int count, float factor, float[] to, int toOffset, int toStride) {
        for (int i = 0; i < count; i++) {
            to[toOffset + i * toStride] = from[offset + i] * factor;
        }
    }

    private static void gather(
            float[] from, int offset, int stride, int count, float factor, float[] to, int toOffset) {
        for (int i = 0; i < count; i++) {
            to[toOffset + i] = from[offset + i * stride] * factor;
        }
    }
}
