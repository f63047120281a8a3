package org.stegokernels.device.cpu;

/**
 * Multi-head attention without the T x T matrix. For each head the keys and values are first laid out in panels of eight
 * rows; a task then takes a block of queries through all keys, {@link #KEYS} at a time: scores, online softmax, weighted
 * values, all in the level-1 cache (Milakov and Gimelshein 2018; Rabe and Staats 2021).
 *
 * <p>It works on transposes, {@code S^T = K Q^T} and {@code O^T = V^T P^T}: the scores of a block of queries are the
 * weights of the second product as they lie, and no sum or maximum runs across a vector.
 */
final class Attention {
    private static final int ROWS = AttentionLanes.ROWS;
    /** Keys between two corrections of the running maximum: their scores fill a third of a 48 KiB level-1 cache. */
    private static final int KEYS = 128;

    private static final float LOG2_E = 1.442695f;

    private final AttentionLanes lanes;
    private final Parallel parallel;
    private final Workspace workspace;

    Attention(AttentionLanes lanes, Parallel parallel, Workspace workspace) {
        this.lanes = lanes;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    /**
     * Where one head's numbers are.
     *
     * @param source its first query in {@code qkv}, {@code [tokens, 3 * heads * depth]}; keys and values are {@code width}
     *     and {@code 2 * width} behind
     * @param keys its packed keys, {@code [tokens / 8, depth, 8]}, in {@code packed}
     * @param values its packed values, {@code [depth / 8, tokens, 8]}, in {@code packed}
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
        int keysSize = padded(tokens) * depth;
        int headSize = keysSize + padded(depth) * tokens;
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
            if (task % 2 == 0) {
                packKeys(all[task / 2]);
            } else {
                packValues(all[task / 2]);
            }
        });
        int queries = lanes.queries();
        int blocks = (tokens + queries - 1) / queries;
        float[][] scratch = workspace.workers((depth + KEYS + padded(depth) + AttentionLanes.STATS) * queries);
        parallel.forEach(
                all.length * blocks,
                (task, worker) -> attend(all[task / blocks], task % blocks * queries, scratch[worker], out));
    }

    private static int padded(int rows) {
        return (rows + ROWS - 1) / ROWS * ROWS;
    }

    /** {@code packed[panel, d, r] = key[8 panel + r, d]}, the last panel filled up with zeros. */
    private static void packKeys(Head head) {
        int depth = head.depth;
        for (int token = 0; token < padded(head.tokens); token++) {
            int from = head.source + head.width + token * head.stride();
            int to = head.keys + token / ROWS * ROWS * depth + token % ROWS;
            for (int d = 0; d < depth; d++) {
                head.packed[to + d * ROWS] = token < head.tokens ? head.qkv[from + d] : 0;
            }
        }
    }

    /** {@code packed[panel, key, r] = value[key, 8 panel + r]}, the last panel filled up with zeros. */
    private static void packValues(Head head) {
        for (int d = 0; d < head.depth; d += ROWS) {
            int channels = Math.min(ROWS, head.depth - d);
            int from = head.source + 2 * head.width + d;
            int to = head.values + d * head.tokens;
            for (int token = 0; token < head.tokens; token++, from += head.stride(), to += ROWS) {
                for (int r = 0; r < ROWS; r++) {
                    head.packed[to + r] = r < channels ? head.qkv[from + r] : 0;
                }
            }
        }
    }

    /** Takes a block of queries through all keys. Scratch: queries, scores, weighted values, running statistics. */
    private void attend(Head head, int firstQuery, float[] scratch, float[] out) {
        int queries = lanes.queries();
        int depth = head.depth;
        int channels = padded(depth);
        int scores = depth * queries;
        int sums = scores + KEYS * queries;
        int stats = sums + channels * queries;
        packQueries(head, firstQuery, scratch);
        for (int q = 0; q < queries; q++) {
            scratch[stats + q] = Float.NEGATIVE_INFINITY;
            scratch[stats + queries + q] = 0;
        }
        for (int first = 0; first < head.tokens; first += KEYS) {
            int length = Math.min(KEYS, head.tokens - first);
            for (int key = 0; key < length; key += ROWS) {
                int rows = head.keys + (first + key) * depth;
                lanes.product(head.packed, rows, scratch, 0, depth, scores + key * queries, false);
            }
            lanes.soften(scratch, scores, length, stats, sums, first == 0 ? 0 : channels);
            for (int channel = 0; channel < channels; channel += ROWS) {
                int rows = head.values + channel * head.tokens + first * ROWS;
                lanes.product(head.packed, rows, scratch, scores, length, sums + channel * queries, first > 0);
            }
        }
        for (int q = 0; q < Math.min(queries, head.tokens - firstQuery); q++) {
            int to = head.target + (firstQuery + q) * head.width;
            float inverse = 1 / scratch[stats + queries + q];
            for (int d = 0; d < depth; d++) {
                out[to + d] = scratch[sums + d * queries + q] * inverse;
            }
        }
    }

    /** {@code scratch[d, q] = query[q, d] * log2(e) / sqrt(depth)}, missing queries zero. */
    private void packQueries(Head head, int firstQuery, float[] scratch) {
        int queries = lanes.queries();
        float scale = (float) (LOG2_E / Math.sqrt(head.depth));
        for (int q = 0; q < queries; q++) {
            int from = head.source + (firstQuery + q) * head.stride();
            for (int d = 0; d < head.depth; d++) {
                scratch[d * queries + q] = firstQuery + q < head.tokens ? head.qkv[from + d] * scale : 0;
            }
        }
    }
}
