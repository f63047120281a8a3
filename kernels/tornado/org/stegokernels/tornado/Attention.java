package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Multi-head self-attention, {@code out = softmax(q k^T / sqrt(D)) v} for each head; the T x T matrix is never stored
 * (online softmax: Milakov and Gimelshein 2018; Rabe and Staats 2021).
 *
 * <p>qkv {@code [B, T, 3 C]}: for each token queries, keys, values, each with its heads concatenated, C = heads D; out
 * {@code [B, T, C]}.
 *
 * <p>Launch: a work group of {@link #GROUP} x {@link #GROUP} items takes {@link #QUERIES} queries of a head through all
 * keys, {@link #KEYS} at a time, and writes {@link #CHANNELS} channels: a wider head is done in several groups, each with
 * all scores. Item (i, j) has queries j + GROUP n, and of them keys i + GROUP m, then channels i + GROUP m. Global size:
 * GROUP ceil(T / QUERIES) ceil(D / CHANNELS), GROUP B heads; local size: GROUP, GROUP.
 */
public final class Attention {
    public static final int GROUP = 8;
    static final int ITEM_QUERIES = 4;
    static final int ITEM_KEYS = 8;
    static final int ITEM_CHANNELS = 8;
    public static final int QUERIES = GROUP * ITEM_QUERIES;
    static final int KEYS = GROUP * ITEM_KEYS;
    public static final int CHANNELS = GROUP * ITEM_CHANNELS;
    /** Channels of queries and keys in local memory at a time. */
    static final int DEPTH = 16;
    /** One float more in a row of a tile keeps the stores of its transpose out of one bank. */
    static final int QUERY_STRIDE = QUERIES + 1;

    static final int KEY_STRIDE = KEYS + 1;

    private Attention() {}

    public static void attention(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int qkv = args.get(0);
        int tokens = args.get(1);
        int heads = args.get(2);
        int depth = args.get(3);
        float scale = numbers.get(0);
        int out = args.get(4);
        // [DEPTH][QUERIES], [DEPTH][KEYS], [KEYS][QUERIES], each row one longer; [KEYS][CHANNELS]; [GROUP][QUERIES].
        float[] queries = context.allocateFloatLocalArray(DEPTH * QUERY_STRIDE);
        float[] keys = context.allocateFloatLocalArray(DEPTH * KEY_STRIDE);
        float[] weights = context.allocateFloatLocalArray(KEYS * QUERY_STRIDE);
        float[] values = context.allocateFloatLocalArray(KEYS * CHANNELS);
        float[] partial = context.allocateFloatLocalArray(GROUP * QUERIES);
        float[] maximum = new float[ITEM_QUERIES];
        float[] total = new float[ITEM_QUERIES];
        float[] factor = new float[ITEM_QUERIES];
        float[] scores = new float[ITEM_QUERIES * ITEM_KEYS];
        float[] sums = new float[ITEM_QUERIES * ITEM_CHANNELS];
        int i = context.localIdx;
        int j = context.localIdy;
        int item = j * GROUP + i;
        int blocks = (tokens + QUERIES - 1) / QUERIES;
        int firstQuery = context.groupIdx % blocks * QUERIES;
        int firstChannel = context.groupIdx / blocks * CHANNELS;
        int head = context.groupIdy;
        int stride = 3 * heads * depth;
        int image = qkv + head / heads * tokens * stride + head % heads * depth;

        for (int n = 0; n < ITEM_QUERIES; n++) {
            maximum[n] = Rows.LOWEST;
            total[n] = 0;
            for (int m = 0; m < ITEM_CHANNELS; m++) {
                sums[n * ITEM_CHANNELS + m] = 0;
            }
        }
        for (int first = 0; first < tokens; first += KEYS) {
            int count = TornadoMath.min(KEYS, tokens - first);
            for (int n = 0; n < ITEM_QUERIES * ITEM_KEYS; n++) {
                scores[n] = 0;
            }
            for (int k = 0; k < depth; k += DEPTH) {
                context.localBarrier();
                for (int at = item; at < DEPTH * QUERIES; at += GROUP * GROUP) {
                    int d = at % DEPTH;
                    int token = at / DEPTH;
                    float query = 0;
                    if (k + d < depth && firstQuery + token < tokens) {
                        query = scale * floats.get(image + (firstQuery + token) * stride + k + d);
                    }
                    queries[d * QUERY_STRIDE + token] = query;
                }
                for (int at = item; at < DEPTH * KEYS; at += GROUP * GROUP) {
                    int d = at % DEPTH;
                    int token = at / DEPTH;
                    float key = 0;
                    if (k + d < depth && token < count) {
                        key = floats.get(image + (first + token) * stride + heads * depth + k + d);
                    }
                    keys[d * KEY_STRIDE + token] = key;
                }
                context.localBarrier();
                for (int d = 0; d < DEPTH; d++) {
                    for (int n = 0; n < ITEM_QUERIES; n++) {
                        float query = queries[d * QUERY_STRIDE + j + n * GROUP];
                        for (int m = 0; m < ITEM_KEYS; m++) {
                            scores[n * ITEM_KEYS + m] += query * keys[d * KEY_STRIDE + i + m * GROUP];
                        }
                    }
                }
            }
            // Each item's best of its keys; then everybody takes the best of the GROUP items that share a query.
            for (int n = 0; n < ITEM_QUERIES; n++) {
                float best = Rows.LOWEST;
                for (int m = 0; m < ITEM_KEYS; m++) {
                    if (i + m * GROUP < count) {
                        best = TornadoMath.max(best, scores[n * ITEM_KEYS + m]);
                    }
                }
                partial[i * QUERIES + j + n * GROUP] = best;
            }
            for (int at = item; at < KEYS * CHANNELS; at += GROUP * GROUP) {
                int channel = firstChannel + at % CHANNELS;
                int token = at / CHANNELS;
                float value = 0;
                if (channel < depth && token < count) {
                    value = floats.get(image + (first + token) * stride + 2 * heads * depth + channel);
                }
                values[at] = value;
            }
            context.localBarrier();
            for (int n = 0; n < ITEM_QUERIES; n++) {
                float best = maximum[n];
                for (int other = 0; other < GROUP; other++) {
                    best = TornadoMath.max(best, partial[other * QUERIES + j + n * GROUP]);
                }
                factor[n] = TornadoMath.exp(maximum[n] - best);
                maximum[n] = best;
            }
            context.localBarrier();
            for (int n = 0; n < ITEM_QUERIES; n++) {
                float sum = 0;
                for (int m = 0; m < ITEM_KEYS; m++) {
                    int key = i + m * GROUP;
                    float weight = 0;
                    if (key < count) {
                        weight = TornadoMath.exp(scores[n * ITEM_KEYS + m] - maximum[n]);
                    }
                    weights[key * QUERY_STRIDE + j + n * GROUP] = weight;
                    sum += weight;
                }
                partial[i * QUERIES + j + n * GROUP] = sum;
            }
            context.localBarrier();
            for (int n = 0; n < ITEM_QUERIES; n++) {
                float sum = total[n] * factor[n];
                for (int other = 0; other < GROUP; other++) {
                    sum += partial[other * QUERIES + j + n * GROUP];
                }
                total[n] = sum;
                for (int m = 0; m < ITEM_CHANNELS; m++) {
                    sums[n * ITEM_CHANNELS + m] = sums[n * ITEM_CHANNELS + m] * factor[n];
                }
            }
            for (int key = 0; key < count; key++) {
                for (int n = 0; n < ITEM_QUERIES; n++) {
                    float weight = weights[key * QUERY_STRIDE + j + n * GROUP];
                    for (int m = 0; m < ITEM_CHANNELS; m++) {
                        sums[n * ITEM_CHANNELS + m] += weight * values[key * CHANNELS + i + m * GROUP];
                    }
                }
            }
            context.localBarrier();
        }
        for (int n = 0; n < ITEM_QUERIES; n++) {
            int query = firstQuery + j + n * GROUP;
            if (query < tokens) {
                int to = out + ((head / heads * tokens + query) * heads + head % heads) * depth;
                float inverse = 1 / total[n];
                for (int m = 0; m < ITEM_CHANNELS; m++) {
                    int channel = firstChannel + i + m * GROUP;
                    if (channel < depth) {
                        floats.set(to + channel, sums[n * ITEM_CHANNELS + m] * inverse);
                    }
                }
            }
        }
    }
}
