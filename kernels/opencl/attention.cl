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
// TILED 1 (GPU): a work group of GROUP x GROUP items takes QUERIES = GROUP * ITEM_QUERIES queries through all keys,
//   KEYS = GROUP * ITEM_KEYS at a time; keys and values take turns in the same local memory. Item (i, j) has queries
//   j + GROUP n, and of them keys i + GROUP m, then channels i + GROUP m. HEAD_DEPTH is D rounded up to GROUP.
//   attention: global size: GROUP * ceil(T / QUERIES), GROUP * B heads; local size: GROUP, GROUP

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

#define QUERIES (GROUP * ITEM_QUERIES)
#define KEYS (GROUP * ITEM_KEYS)
#define ITEM_CHANNELS (HEAD_DEPTH / GROUP)

__kernel __attribute__((reqd_work_group_size(GROUP, GROUP, 1)))
void attention(__global const float* qkv, int tokens, int heads, int depth, float scale, __global float* out) {
    __local float queries[HEAD_DEPTH][QUERIES + 1];
    // Keys [HEAD_DEPTH][KEYS + 1], then values [KEYS][HEAD_DEPTH].
    __local float shared_[HEAD_DEPTH * (KEYS + 1)];
    __local float weights[KEYS][QUERIES + 1];
    __local float partial[GROUP][QUERIES];
    int i = get_local_id(0);
    int j = get_local_id(1);
    int item = j * GROUP + i;
    int head = get_group_id(1);
    int firstQuery = get_group_id(0) * QUERIES;
    int stride = 3 * heads * depth;
    __global const float* image = qkv + (size_t)(head / heads) * tokens * stride + head % heads * depth;

    for (int at = item; at < QUERIES * HEAD_DEPTH; at += GROUP * GROUP) {
        int d = at % HEAD_DEPTH;
        int q = at / HEAD_DEPTH;
        bool there = d < depth && firstQuery + q < tokens;
        queries[d][q] = there ? image[(size_t)(firstQuery + q) * stride + d] * scale : 0;
    }
    float maximum[ITEM_QUERIES];
    float total[ITEM_QUERIES];
    float sums[ITEM_QUERIES][ITEM_CHANNELS];
#pragma unroll
    for (int n = 0; n < ITEM_QUERIES; n++) {
        maximum[n] = -INFINITY;
        total[n] = 0;
#pragma unroll
        for (int m = 0; m < ITEM_CHANNELS; m++) {
            sums[n][m] = 0;
        }
    }
    for (int first = 0; first < tokens; first += KEYS) {
        int count = min(KEYS, tokens - first);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int at = item; at < KEYS * HEAD_DEPTH; at += GROUP * GROUP) {
            int d = at % HEAD_DEPTH;
            int key = at / HEAD_DEPTH;
            bool there = d < depth && key < count;
            shared_[d * (KEYS + 1) + key] =
                there ? image[(size_t)(first + key) * stride + heads * depth + d] : 0;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        float scores[ITEM_QUERIES][ITEM_KEYS];
#pragma unroll
        for (int n = 0; n < ITEM_QUERIES; n++) {
#pragma unroll
            for (int m = 0; m < ITEM_KEYS; m++) {
                scores[n][m] = 0;
            }
        }
        for (int d = 0; d < depth; d++) {
#pragma unroll
            for (int n = 0; n < ITEM_QUERIES; n++) {
                float q = queries[d][j + n * GROUP];
#pragma unroll
                for (int m = 0; m < ITEM_KEYS; m++) {
                    scores[n][m] = fma(q, shared_[d * (KEYS + 1) + i + m * GROUP], scores[n][m]);
                }
            }
        }
        // Each item's best of its keys; then everybody takes the best of the GROUP items that share a query.
#pragma unroll
        for (int n = 0; n < ITEM_QUERIES; n++) {
            float best = -INFINITY;
#pragma unroll
            for (int m = 0; m < ITEM_KEYS; m++) {
                best = i + m * GROUP < count ? fmax(best, scores[n][m]) : best;
            }
            partial[i][j + n * GROUP] = best;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        float factor[ITEM_QUERIES];
#pragma unroll
        for (int n = 0; n < ITEM_QUERIES; n++) {
            float best = maximum[n];
            for (int other = 0; other < GROUP; other++) {
                best = fmax(best, partial[other][j + n * GROUP]);
            }
            factor[n] = exp2_negated(best - maximum[n]);
            maximum[n] = best;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
        for (int n = 0; n < ITEM_QUERIES; n++) {
            float sum = 0;
#pragma unroll
            for (int m = 0; m < ITEM_KEYS; m++) {
                int key = i + m * GROUP;
                float weight = key < count ? exp2_negated(maximum[n] - scores[n][m]) : 0;
                weights[key][j + n * GROUP] = weight;
                sum += weight;
            }
            partial[i][j + n * GROUP] = sum;
        }
        for (int at = item; at < KEYS * HEAD_DEPTH; at += GROUP * GROUP) {
            int d = at % HEAD_DEPTH;
            int key = at / HEAD_DEPTH;
            bool there = d < depth && key < count;
            shared_[at] = there ? image[(size_t)(first + key) * stride + 2 * heads * depth + d] : 0;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
        for (int n = 0; n < ITEM_QUERIES; n++) {
            total[n] *= factor[n];
            for (int other = 0; other < GROUP; other++) {
                total[n] += partial[other][j + n * GROUP];
            }
#pragma unroll
            for (int m = 0; m < ITEM_CHANNELS; m++) {
                sums[n][m] *= factor[n];
            }
        }
        for (int key = 0; key < count; key++) {
#pragma unroll
            for (int n = 0; n < ITEM_QUERIES; n++) {
                float weight = weights[key][j + n * GROUP];
#pragma unroll
                for (int m = 0; m < ITEM_CHANNELS; m++) {
                    sums[n][m] = fma(weight, shared_[key * HEAD_DEPTH + i + m * GROUP], sums[n][m]);
                }
            }
        }
    }
#pragma unroll
    for (int n = 0; n < ITEM_QUERIES; n++) {
        int q = firstQuery + j + n * GROUP;
        if (q < tokens) {
            __global float* to = out + (((size_t)(head / heads) * tokens + q) * heads + head % heads) * depth;
            float inverse = 1 / total[n];
#pragma unroll
            for (int m = 0; m < ITEM_CHANNELS; m++) {
                int d = i + m * GROUP;
                if (d < depth) {
                    to[d] = sums[n][m] * inverse;
                }
            }
        }
    }
}

#endif
