// Multi-head self-attention, out = softmax(q k^T / sqrt(D)) v for each head; the T x T matrix is never stored (online
// softmax: Milakov and Gimelshein 2018; Rabe and Staats 2021).
//   qkv [B, T, 3 C]: for each token queries, keys, values, each with its heads concatenated, C = heads D
//   out [B, T, C]
// Queries are multiplied by scale = log2(e) / sqrt(D), so that all exponentials are powers of two.
//
// Two shapes:
// TILED 0 (CPU): on transposes, S^T = K Q^T and O^T = V^T P^T, so that a vector holds QUERIES queries of a tile, the
//   scores are the weights of the second product as they lie, and nothing is summed across a vector. First each head's
//   keys and values are laid out in panels of TILE_ROWS rows (pack_keys, pack_values); then an item takes QUERIES
//   queries through all keys, keysPerStep at a time, its scores and sums in local memory (level-1 cache).
//   attention: global size: ceil(T / QUERIES), B heads; local size: 1, 1
// TILED 1 (GPU): keys and values are first laid out as the tiles that a step needs, zero past T and D (pack_keys,
//   pack_values). Then a work group of QUERY_ITEMS x KEY_ITEMS items takes QUERIES = QUERY_ITEMS * ITEM_QUERIES queries
//   through all keys, KEYS = KEY_ITEMS * ITEM_KEYS at a time. Keys and values take turns in the same local memory, the
//   one on its way to registers while the other is multiplied. Item (i, j) has queries 4 j + q + 4 QUERY_ITEMS n, and of
//   them keys, then channels, 4 i + k + 4 KEY_ITEMS m, with q and k from 0 to 3; each reads 16 bytes of local memory at
//   once. HEAD_DEPTH is D rounded up to 4 KEY_ITEMS; ITEM_QUERIES and ITEM_KEYS are multiples of 4.
//   attention: global size: QUERY_ITEMS * KEY_ITEMS * ceil(T / QUERIES), B heads; local size: QUERY_ITEMS * KEY_ITEMS, 1

#if TILED == 0

#define VECTORS (QUERIES / V)
#define PADDED(n) (((n) + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS)

// packed[head, panel, d, r] = key[TILE_ROWS panel + r, d], the last panel filled up with zeros.
//   global size: PADDED(T) / TILE_ROWS, B heads
__kernel void pack_keys(__global const float* qkv, int tokens, int heads, int depth, __global float* packed) {
    int panel = get_global_id(0);
    int head = get_global_id(1);
    int stride = 3 * heads * depth;
    __global const float* from = qkv + (size_t)(head / heads) * tokens * stride + (heads + head % heads) * depth;
    __global float* to = packed + ((size_t)head * PADDED(tokens) + panel * TILE_ROWS) * depth;
    __global const float* rows[TILE_ROWS];
    int there[TILE_ROWS];
    for (int r = 0; r < TILE_ROWS; r++) {
        int token = panel * TILE_ROWS + r;
        rows[r] = from + (size_t)min(token, tokens - 1) * stride;
        there[r] = token < tokens;
    }
    for (int d = 0; d < depth; d++) {
        for (int r = 0; r < TILE_ROWS; r++) {
            to[d * TILE_ROWS + r] = there[r] ? rows[r][d] : 0;
        }
    }
}

// packed[head, panel, key, r] = value[key, TILE_ROWS panel + r], the last panel filled up with zeros.
//   global size: PADDED(D) / TILE_ROWS, B heads
__kernel void pack_values(__global const float* qkv, int tokens, int heads, int depth, __global float* packed) {
    int panel = get_global_id(0);
    int head = get_global_id(1);
    int stride = 3 * heads * depth;
    __global const float* from = qkv + (size_t)(head / heads) * tokens * stride + (2 * heads + head % heads) * depth;
    __global float* to = packed + ((size_t)head * PADDED(depth) + panel * TILE_ROWS) * tokens;
    for (int token = 0; token < tokens; token++) {
        for (int r = 0; r < TILE_ROWS; r++) {
            int d = panel * TILE_ROWS + r;
            to[token * TILE_ROWS + r] = d < depth ? from[(size_t)token * stride + d] : 0;
        }
    }
}

// out[r, q] = sum_k rows[k, r] columns[k, q] for TILE_ROWS rows, added to what is there if accumulate is 1. The sums
// stay in vector registers.
void tile_product(__global const float* rows, __local const float* columns, int depth, int accumulate,
                  __local float* out) {
    floatV sums[TILE_ROWS][VECTORS];
#pragma unroll
    for (int r = 0; r < TILE_ROWS; r++) {
#pragma unroll
        for (int v = 0; v < VECTORS; v++) {
            sums[r][v] = accumulate ? LOAD(out + r * QUERIES + v * V) : TO_V(0.0f);
        }
    }
    for (int k = 0; k < depth; k++) {
        floatV c[VECTORS];
#pragma unroll
        for (int v = 0; v < VECTORS; v++) {
            c[v] = LOAD(columns + k * QUERIES + v * V);
        }
#pragma unroll
        for (int r = 0; r < TILE_ROWS; r++) {
            floatV value = TO_V(rows[k * TILE_ROWS + r]);
#pragma unroll
            for (int v = 0; v < VECTORS; v++) {
                sums[r][v] = fma(value, c[v], sums[r][v]);
            }
        }
    }
#pragma unroll
    for (int r = 0; r < TILE_ROWS; r++) {
#pragma unroll
        for (int v = 0; v < VECTORS; v++) {
            STORE(sums[r][v], out + r * QUERIES + v * V);
        }
    }
}

// Local memory: (D + keysPerStep + PADDED(D) + 2) * QUERIES floats: queries, scores, sums, maximum and total.
// keysPerStep is a multiple of TILE_ROWS.
__kernel void attention(__global const float* qkv, __global const float* keys, __global const float* values,
                        int tokens, int heads, int depth, int keysPerStep, float scale, __local float* scratch,
                        __global float* out) {
    int head = get_global_id(1);
    int firstQuery = get_global_id(0) * QUERIES;
    int count = min(QUERIES, tokens - firstQuery);
    int stride = 3 * heads * depth;
    int channels = PADDED(depth);
    __local float* queries = scratch;
    __local float* scores = queries + depth * QUERIES;
    __local float* sums = scores + keysPerStep * QUERIES;
    __local float* maxima = sums + channels * QUERIES;
    __local float* totals = maxima + QUERIES;
    __global const float* from = qkv + ((size_t)(head / heads) * tokens + firstQuery) * stride + head % heads * depth;
    keys += (size_t)head * PADDED(tokens) * depth;
    values += (size_t)head * channels * tokens;

    for (int q = 0; q < QUERIES; q++) {
        for (int d = 0; d < depth; d++) {
            queries[d * QUERIES + q] = q < count ? from[(size_t)q * stride + d] * scale : 0;
        }
        maxima[q] = -INFINITY;
        totals[q] = 0;
    }
    for (int first = 0; first < tokens; first += keysPerStep) {
        int length_ = min(keysPerStep, tokens - first);
        for (int key = 0; key < length_; key += TILE_ROWS) {
            tile_product(keys + (size_t)(first + key) * depth, queries, depth, 0, scores + key * QUERIES);
        }
        for (int q = 0; q < QUERIES; q += V) {
            floatV before = LOAD(maxima + q);
            floatV maximum = before;
            for (int key = 0; key < length_; key++) {
                floatV score = LOAD(scores + key * QUERIES + q);
                maximum = maximum > score ? maximum : score;
            }
            floatV factor = exp2_negated(maximum - before);
            floatV total = LOAD(totals + q) * factor;
            for (int key = 0; key < length_; key++) {
                floatV weight = exp2_negated(maximum - LOAD(scores + key * QUERIES + q));
                STORE(weight, scores + key * QUERIES + q);
                total += weight;
            }
            STORE(maximum, maxima + q);
            STORE(total, totals + q);
            if (first > 0) {
                for (int channel = 0; channel < channels; channel++) {
                    STORE(LOAD(sums + channel * QUERIES + q) * factor, sums + channel * QUERIES + q);
                }
            }
        }
        for (int channel = 0; channel < channels; channel += TILE_ROWS) {
            tile_product(values + (size_t)channel * tokens + first * TILE_ROWS, scores, length_, first > 0,
                         sums + channel * QUERIES);
        }
    }
    __global float* to = out + (((size_t)(head / heads) * tokens + firstQuery) * heads + head % heads) * depth;
    for (int q = 0; q < count; q++) {
        float inverse = 1 / totals[q];
        for (int d = 0; d < depth; d++) {
            to[(size_t)q * heads * depth + d] = sums[d * QUERIES + q] * inverse;
        }
    }
}

#else

#define QUERIES (QUERY_ITEMS * ITEM_QUERIES)
#define KEYS (KEY_ITEMS * ITEM_KEYS)
#define ITEMS (QUERY_ITEMS * KEY_ITEMS)
#define ITEM ((int)get_local_id(0))
#define KEY_QUADS (ITEM_KEYS / 4)
#define CHANNEL_QUADS (HEAD_DEPTH / KEY_ITEMS / 4)
// Quads of a tile of keys or values, and how many of them an item moves.
#define TILE (KEYS * HEAD_DEPTH / 4)
#define MOVED (TILE / ITEMS)
// Steps of a product that are unrolled.
#define STEPS 8

// packed[head, block, d, k] = key[KEYS block + k, d].
//   global size: HEAD_DEPTH * KEYS / 4 * ceil(T / KEYS), B heads; an item packs four keys' channel
__kernel void pack_keys(__global const activation_t* qkv, int tokens, int heads, int depth, __global float4* packed) {
    int at = get_global_id(0);
    int head = get_global_id(1);
    // Neighbouring items read neighbouring channels.
    int d = at % HEAD_DEPTH;
    int key = at / HEAD_DEPTH * 4;
    int stride = 3 * heads * depth;
    __global const activation_t* from = qkv + (size_t)(head / heads) * tokens * stride + (heads + head % heads) * depth + d;
    float x[4];
#pragma unroll
    for (int k = 0; k < 4; k++) {
        x[k] = key + k < tokens && d < depth ? LOAD_ACTIVATION(from + (size_t)(key + k) * stride) : 0;
    }
    packed[(size_t)head * get_global_size(0) + (size_t)(key / KEYS) * TILE + (d * KEYS + key % KEYS) / 4] =
        (float4)(x[0], x[1], x[2], x[3]);
}

// packed[head, key, d] = value[key, d].
//   global size: HEAD_DEPTH * KEYS * ceil(T / KEYS), B heads
__kernel void pack_values(__global const activation_t* qkv, int tokens, int heads, int depth, __global float* packed) {
    int at = get_global_id(0);
    int head = get_global_id(1);
    int d = at % HEAD_DEPTH;
    int key = at / HEAD_DEPTH;
    int stride = 3 * heads * depth;
    __global const activation_t* from = qkv + (size_t)(head / heads) * tokens * stride + (2 * heads + head % heads) * depth;
    packed[(size_t)head * get_global_size(0) + at] =
        key < tokens && d < depth ? LOAD_ACTIVATION(from + (size_t)key * stride + d) : 0;
}

__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1)))
void attention(__global const activation_t* qkv, __global const float4* keys, __global const float4* values, int tokens,
               int heads, int depth, float scale, __global activation_t* out) {
    // [HEAD_DEPTH][QUERIES]
    __local float4 queries[HEAD_DEPTH * QUERIES / 4];
    // Keys [HEAD_DEPTH][KEYS], then values [KEYS][HEAD_DEPTH].
    __local float4 tile[TILE];
    // Maxima [KEY_ITEMS][QUERIES] of the items that share queries, then weights [KEYS][QUERIES].
    __local float4 weights[KEYS * QUERIES / 4];
    int i = ITEM % KEY_ITEMS;
    int j = ITEM / KEY_ITEMS;
    int head = get_group_id(1);
    int firstQuery = get_group_id(0) * QUERIES;
    int blocks = (tokens + KEYS - 1) / KEYS;
    int stride = 3 * heads * depth;
    __global const activation_t* image = qkv + (size_t)(head / heads) * tokens * stride + head % heads * depth;
    keys += (size_t)head * blocks * TILE + ITEM;
    values += (size_t)head * blocks * TILE + ITEM;

    for (int at = ITEM; at < QUERIES * HEAD_DEPTH; at += ITEMS) {
        int d = at % 8 + at / (8 * QUERIES) * 8;
        int q = at / 8 % QUERIES;
        bool there = d < depth && firstQuery + q < tokens;
        __global const activation_t* x = image + (size_t)(firstQuery + q) * stride + d;
        ((__local float*)queries)[d * QUERIES + q] = there ? LOAD_ACTIVATION(x) * scale : 0;
    }
    float maximum[ITEM_QUERIES];
    // This item's part of the sums of weights; items that share queries join them at the end.
    float total[ITEM_QUERIES];
    float4 sums[ITEM_QUERIES][CHANNEL_QUADS];
#pragma unroll
    for (int n = 0; n < ITEM_QUERIES; n++) {
        maximum[n] = -INFINITY;
        total[n] = 0;
#pragma unroll
        for (int m = 0; m < CHANNEL_QUADS; m++) {
            sums[n][m] = 0;
        }
    }
    float4 next[MOVED];
#pragma unroll
    for (int n = 0; n < MOVED; n++) {
        next[n] = keys[n * ITEMS];
    }
    for (int first = 0; first < tokens; first += KEYS) {
        int count = min(KEYS, tokens - first);
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
        for (int n = 0; n < MOVED; n++) {
            tile[n * ITEMS + ITEM] = next[n];
            next[n] = values[n * ITEMS];
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        float4 scores[ITEM_QUERIES][KEY_QUADS];
#pragma unroll
        for (int n = 0; n < ITEM_QUERIES; n++) {
#pragma unroll
            for (int m = 0; m < KEY_QUADS; m++) {
                scores[n][m] = 0;
            }
        }
        for (int step = 0; step < HEAD_DEPTH; step += STEPS) {
#pragma unroll
            for (int d = step; d < step + STEPS; d++) {
                float4 k[KEY_QUADS];
#pragma unroll
                for (int m = 0; m < KEY_QUADS; m++) {
                    k[m] = tile[d * (KEYS / 4) + i + m * KEY_ITEMS];
                }
#pragma unroll
                for (int n = 0; n < ITEM_QUERIES; n += 4) {
                    float4 q = queries[d * (QUERIES / 4) + j + n / 4 * QUERY_ITEMS];
#pragma unroll
                    for (int m = 0; m < KEY_QUADS; m++) {
                        scores[n][m] = fma(q.xxxx, k[m], scores[n][m]);
                        scores[n + 1][m] = fma(q.yyyy, k[m], scores[n + 1][m]);
                        scores[n + 2][m] = fma(q.zzzz, k[m], scores[n + 2][m]);
                        scores[n + 3][m] = fma(q.wwww, k[m], scores[n + 3][m]);
                    }
                }
            }
        }
        if (count < KEYS) {
#pragma unroll
            for (int m = 0; m < KEY_QUADS; m++) {
                int4 key = 4 * (i + m * KEY_ITEMS) + (int4)(0, 1, 2, 3);
#pragma unroll
                for (int n = 0; n < ITEM_QUERIES; n++) {
                    scores[n][m] = key < count ? scores[n][m] : (float4)(-INFINITY);
                }
            }
        }
        // Each item's best of its keys; then everybody takes the best of the items that share a query.
#pragma unroll
        for (int n = 0; n < ITEM_QUERIES; n += 4) {
            float best[4];
#pragma unroll
            for (int q = 0; q < 4; q++) {
                float4 four = scores[n + q][0];
#pragma unroll
                for (int m = 1; m < KEY_QUADS; m++) {
                    four = fmax(four, scores[n + q][m]);
                }
                best[q] = fmax(fmax(four.x, four.z), fmax(four.y, four.w));
            }
            weights[i * (QUERIES / 4) + j + n / 4 * QUERY_ITEMS] = (float4)(best[0], best[1], best[2], best[3]);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        float factor[ITEM_QUERIES];
#pragma unroll
        for (int n = 0; n < ITEM_QUERIES; n += 4) {
            float4 best = (float4)(maximum[n], maximum[n + 1], maximum[n + 2], maximum[n + 3]);
#pragma unroll
            for (int other = 0; other < KEY_ITEMS; other++) {
                best = fmax(best, weights[other * (QUERIES / 4) + j + n / 4 * QUERY_ITEMS]);
            }
            float bests[4];
            vstore4(best, 0, bests);
#pragma unroll
            for (int q = 0; q < 4; q++) {
                factor[n + q] = exp2_negated(bests[q] - maximum[n + q]);
                maximum[n + q] = bests[q];
            }
        }
        // The keys have been read by now.
#pragma unroll
        for (int n = 0; n < MOVED; n++) {
            tile[n * ITEMS + ITEM] = next[n];
        }
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
        for (int m = 0; m < KEY_QUADS; m++) {
#pragma unroll
            for (int n = 0; n < ITEM_QUERIES; n += 4) {
                float w[4][4];
#pragma unroll
                for (int q = 0; q < 4; q++) {
                    vstore4(scores[n + q][m], 0, w[q]);
#pragma unroll
                    for (int k = 0; k < 4; k++) {
                        w[q][k] = exp2_negated(maximum[n + q] - w[q][k]);
                    }
                    float sum = (w[q][0] + w[q][2]) + (w[q][1] + w[q][3]);
                    total[n + q] = m == 0 ? fma(total[n + q], factor[n + q], sum) : total[n + q] + sum;
                }
#pragma unroll
                for (int k = 0; k < 4; k++) {
                    weights[(4 * (i + m * KEY_ITEMS) + k) * (QUERIES / 4) + j + n / 4 * QUERY_ITEMS] =
                        (float4)(w[0][k], w[1][k], w[2][k], w[3][k]);
                }
            }
        }
#pragma unroll
        for (int n = 0; n < ITEM_QUERIES; n++) {
#pragma unroll
            for (int m = 0; m < CHANNEL_QUADS; m++) {
                sums[n][m] *= factor[n];
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        keys += TILE;
        values += TILE;
        if (first + KEYS < tokens) {
#pragma unroll
            for (int n = 0; n < MOVED; n++) {
                next[n] = keys[n * ITEMS];
            }
        }
        // Behind the last key weights and values are zero.
        for (int step = 0; step < count; step += STEPS) {
#pragma unroll
            for (int key = step; key < step + STEPS; key++) {
                float4 v[CHANNEL_QUADS];
#pragma unroll
                for (int m = 0; m < CHANNEL_QUADS; m++) {
                    v[m] = tile[key * (HEAD_DEPTH / 4) + i + m * KEY_ITEMS];
                }
#pragma unroll
                for (int n = 0; n < ITEM_QUERIES; n += 4) {
                    float4 w = weights[key * (QUERIES / 4) + j + n / 4 * QUERY_ITEMS];
#pragma unroll
                    for (int m = 0; m < CHANNEL_QUADS; m++) {
                        sums[n][m] = fma(w.xxxx, v[m], sums[n][m]);
                        sums[n + 1][m] = fma(w.yyyy, v[m], sums[n + 1][m]);
                        sums[n + 2][m] = fma(w.zzzz, v[m], sums[n + 2][m]);
                        sums[n + 3][m] = fma(w.wwww, v[m], sums[n + 3][m]);
                    }
                }
            }
        }
    }
    __local float* parts = (__local float*)weights;
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
    for (int n = 0; n < ITEM_QUERIES; n++) {
        parts[i * QUERIES + 4 * j + n % 4 + n / 4 * 4 * QUERY_ITEMS] = total[n];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
    for (int n = 0; n < ITEM_QUERIES; n++) {
        int query = 4 * j + n % 4 + n / 4 * 4 * QUERY_ITEMS;
        float sum = 0;
#pragma unroll
        for (int other = 0; other < KEY_ITEMS; other++) {
            sum += parts[other * QUERIES + query];
        }
        int q = firstQuery + query;
        if (q < tokens) {
            __global activation_t* to = out + (((size_t)(head / heads) * tokens + q) * heads + head % heads) * depth;
            float inverse = 1 / sum;
#pragma unroll
            for (int m = 0; m < CHANNEL_QUADS; m++) {
                int d = 4 * (i + m * KEY_ITEMS);
                float4 result = sums[n][m] * inverse;
                if (depth % 4 == 0) {
                    if (d < depth) {
                        STORE_QUAD(result, to + d);
                    }
                } else {
                    float rest[4];
                    vstore4(result, 0, rest);
#pragma unroll
                    for (int c = 0; c < 4; c++) {
                        if (d + c < depth) {
                            STORE_ACTIVATION(rest[c], to + d + c);
                        }
                    }
                }
            }
        }
    }
}

#endif
