#include "chunks.cl"
#include "matrix_units.cl"

// Multi-head self-attention on matrix units: out = softmax(q k^T / sqrt(D)) v for each head, online as in attention.cl.
// Queries, keys, values and the weights of the second product are rounded to 16 bits or to TF32; sums, maxima and the
// softmax are 32-bit floats.
//   qkv [B, T, 3 C], out [B, T, C]; scale = log2(e) / sqrt(D), so that exponentials are powers of two
//   HEAD_DEPTH: D rounded up to a multiple of 32
//
// Keys and values are first laid out as the tiles that a step needs, KEYS = STEPS KEY_SLICES keys at a time, zero past T
// and D (pack_keys, pack_values):
//   keys [B heads, ceil(T / KEYS), HEAD_DEPTH / STEPS, KEYS, STEPS]: a row is a key, its steps STEPS channels
//   values [B heads, ceil(T / KEYS), KEY_SLICES, HEAD_DEPTH, STEPS]: a row is a channel, its steps STEPS keys
// Then a work group of WARPS warps takes 16 WARP_QUERIES WARPS queries through all keys, each warp its own, in blocks of
// 16; what it reads of keys and values serves all of them. The sums of a warp's first product are, lane for lane, the left
// operand of its second: the eight columns of product j of a slice are keys STEPS / 4 t + 2j and the next one for t = 0 to
// 3, so that lane t ends up with a chunk of the values' steps. Steps' keys and values take turns in three places of local
// memory: while one is multiplied, the next two are on their way there, past the registers.
//   attention_matrix: global size: 32 WARPS * ceil(T / (16 WARP_QUERIES WARPS)), B heads; local size: 32 WARPS, 1

#define ITEMS (WARP * WARPS)
#define PLACES 3
#define KEYS (STEPS * KEY_SLICES)
#define DEPTH_SLICES (HEAD_DEPTH / STEPS)
// Chunks of the keys of a step, and of its values.
#define TILE (KEYS * HEAD_DEPTH / CHUNK)
// Products of eight keys: in a slice, in a step.
#define SLICE_PRODUCTS (STEPS / 8)
#define PRODUCTS (SLICE_PRODUCTS * KEY_SLICES)
// Products of eight channels of the result.
#define OUTPUTS (HEAD_DEPTH / 8)

// Kernels have names of their own, by which profiles tell them apart.
#if TF32 == 1
#define ATTENTION attention_tf32
#else
#define ATTENTION attention_matrix
#endif

// global size: KEYS * CHUNKS * DEPTH_SLICES * ceil(T / KEYS), B heads; an item packs a chunk
__kernel void pack_keys(__global const activation_t* qkv, int tokens, int heads, int depth, __global uint4* packed) {
    int at = get_global_id(0);
    int head = get_global_id(1);
    int chunk = at / (CHUNKS * KEYS) % DEPTH_SLICES * CHUNKS + at % CHUNKS;
    int key = at / TILE * KEYS + at / CHUNKS % KEYS;
    int stride = 3 * heads * depth;
    __global const activation_t* from = qkv + (size_t)(head / heads) * tokens * stride + (heads + head % heads) * depth;
    packed[(size_t)head * get_global_size(0) + at] =
        round_chunk(from + (size_t)key * stride, chunk, depth, key < tokens);
}

// global size: KEY_SLICES * CHUNKS * HEAD_DEPTH * ceil(T / KEYS), B heads; an item packs a chunk of keys' values in a channel
__kernel void pack_values(__global const activation_t* qkv, int tokens, int heads, int depth, __global uint4* packed) {
    int at = get_global_id(0);
    int head = get_global_id(1);
    // Neighbouring items read neighbouring channels.
    int d = at % HEAD_DEPTH;
    int chunk = at / HEAD_DEPTH;
    int key = chunk * CHUNK;
    int stride = 3 * heads * depth;
    __global const activation_t* from = qkv + (size_t)(head / heads) * tokens * stride + (2 * heads + head % heads) * depth + d;
    float x[CHUNK];
    UNROLL for (int i = 0; i < CHUNK; i++) {
        x[i] = key + i < tokens && d < depth ? LOAD_ACTIVATION(from + (size_t)(key + i) * stride) : 0;
    }
    packed[(size_t)head * get_global_size(0) + ((size_t)(chunk / CHUNKS) * HEAD_DEPTH + d) * CHUNKS + chunk % CHUNKS] =
        pack_chunk(JOIN(vload, CHUNK)(0, x));
}

// Begins to copy this item's chunks of a step.
void start_step(__global const uint4* keys, __global const uint4* values, __local uint4* place) {
    UNROLL for (int n = 0; n < TILE / ITEMS; n++) {
        start_copy(place + n * ITEMS + ITEM, keys + n * ITEMS + ITEM);
        start_copy(place + TILE + n * ITEMS + ITEM, values + n * ITEMS + ITEM);
    }
}

void finish_step(__global const uint4* keys, __global const uint4* values, __local uint4* place) {
    UNROLL for (int n = 0; n < TILE / ITEMS; n++) {
        FINISH_COPY(place + n * ITEMS + ITEM, keys + n * ITEMS + ITEM);
        FINISH_COPY(place + TILE + n * ITEMS + ITEM, values + n * ITEMS + ITEM);
    }
}

__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1)))
void ATTENTION(__global const activation_t* qkv, __global const uint4* keys, __global const uint4* values, int tokens,
               int heads, int depth, float scale, __global activation_t* out) {
    __local uint4 places[PLACES * 2 * TILE];
    EXCHANGE(exchange);
    int head = get_group_id(1);
    int steps = (tokens + KEYS - 1) / KEYS;
    int query = (get_group_id(0) * WARPS + WARP_OF) * 16 * WARP_QUERIES + G;
    int stride = 3 * heads * depth;
    __global const activation_t* image = qkv + (size_t)(head / heads) * tokens * stride + head % heads * depth;
    keys += (size_t)head * steps * TILE;
    values += (size_t)head * steps * TILE;
    for (int step = 0; step < PLACES - 1; step++) {
        if (step < steps) {
            start_step(keys + (size_t)step * TILE, values + (size_t)step * TILE, places + step * 2 * TILE);
        }
        end_group();
    }

    uint4 first[WARP_QUERIES][DEPTH_SLICES];
    uint4 second[WARP_QUERIES][DEPTH_SLICES];
    float2 maximum[WARP_QUERIES];
    // This lane's part of the sums of weights; lanes that share queries join them at the end.
    float2 total[WARP_QUERIES];
    float4 sums[WARP_QUERIES][OUTPUTS];
    UNROLL for (int b = 0; b < WARP_QUERIES; b++) {
        int q = query + 16 * b;
        UNROLL for (int s = 0; s < DEPTH_SLICES; s++) {
            int chunk = s * CHUNKS + T;
            uint4 low = round_chunk(image + (size_t)q * stride, chunk, depth, q < tokens);
            uint4 high = round_chunk(image + (size_t)(q + 8) * stride, chunk, depth, q + 8 < tokens);
            first[b][s] = FIRST_A(low, high);
            second[b][s] = SECOND_A(low, high);
        }
        maximum[b] = -INFINITY;
        total[b] = 0;
        UNROLL for (int m = 0; m < OUTPUTS; m++) {
            sums[b][m] = 0;
        }
    }
    int place = 0;
    for (int step = 0; step < steps; step++) {
        __local uint4* keysHere = places + place * 2 * TILE;
        __local uint4* valuesHere = keysHere + TILE;
        WAIT_FOR_GROUPS(1);
        finish_step(keys + (size_t)step * TILE, values + (size_t)step * TILE, keysHere);
        // Now the step is there, and nobody reads the one before any more.
        barrier(CLK_LOCAL_MEM_FENCE);
        int next = step + PLACES - 1;
        int free_ = place == 0 ? PLACES - 1 : place - 1;
        if (next < steps) {
            start_step(keys + (size_t)next * TILE, values + (size_t)next * TILE, places + free_ * 2 * TILE);
        }
        end_group();
        place = place == PLACES - 1 ? 0 : place + 1;
        float4 scores[WARP_QUERIES][PRODUCTS];
        UNROLL for (int j = 0; j < PRODUCTS; j++) {
            int key = j / SLICE_PRODUCTS * STEPS + 2 * (j % SLICE_PRODUCTS) + G / 2 * CHUNK + G % 2;
            UNROLL for (int b = 0; b < WARP_QUERIES; b++) {
                scores[b][j] = 0;
            }
            UNROLL for (int s = 0; s < DEPTH_SLICES; s++) {
                uint4 k = keysHere[(s * KEYS + key) * CHUNKS + T];
                UNROLL for (int b = 0; b < WARP_QUERIES; b++) {
                    scores[b][j] = MMA(first[b][s], k.xy, scores[b][j], exchange);
                    scores[b][j] = MMA(second[b][s], k.zw, scores[b][j], exchange);
                }
            }
        }
        if (step == steps - 1) {
            UNROLL for (int j = 0; j < PRODUCTS; j++) {
                int key = step * KEYS + j / SLICE_PRODUCTS * STEPS + CHUNK * T + 2 * (j % SLICE_PRODUCTS);
                UNROLL for (int b = 0; b < WARP_QUERIES; b++) {
                    scores[b][j].xz = key < tokens ? scores[b][j].xz : (float2)(-INFINITY);
                    scores[b][j].yw = key + 1 < tokens ? scores[b][j].yw : (float2)(-INFINITY);
                }
            }
        }
        UNROLL for (int b = 0; b < WARP_QUERIES; b++) {
            float2 best = maximum[b];
            UNROLL for (int j = 0; j < PRODUCTS; j++) {
                best = fmax(best, fmax(scores[b][j].xz, scores[b][j].yw));
            }
            for (int mask = 1; mask < 4; mask *= 2) {
                float other = SHUFFLE_XOR(best.x, mask, exchange);
                best.x = fmax(best.x, other);
                other = SHUFFLE_XOR(best.y, mask, exchange);
                best.y = fmax(best.y, other);
            }
            float2 grown = scale * (maximum[b] - best);
            float2 factor = (float2)(exp2_one(grown.x), exp2_one(grown.y));
            float4 offset = -scale * best.xxyy;
            maximum[b] = best;
            // Once the largest keys have been seen, nothing is to be corrected.
            if (factor.x != 1 || factor.y != 1) {
                total[b] *= factor;
                UNROLL for (int m = 0; m < OUTPUTS; m++) {
                    sums[b][m] *= factor.xxyy;
                }
            }
            UNROLL for (int j = 0; j < PRODUCTS; j++) {
                float4 score = fma(scale, scores[b][j], offset);
                scores[b][j] = (float4)(exp2_one(score.x), exp2_one(score.y), exp2_one(score.z), exp2_one(score.w));
                total[b] += scores[b][j].xz + scores[b][j].yw;
            }
        }
        UNROLL for (int s = 0; s < KEY_SLICES; s++) {
            uint4 weights[WARP_QUERIES][2];
            UNROLL for (int b = 0; b < WARP_QUERIES; b++) {
                UNROLL for (int i = 0; i < 2; i++) {
                    weights[b][i] = sums_as_a(scores[b] + SLICE_PRODUCTS * s + SLICE_PRODUCTS / 2 * i);
                }
            }
            UNROLL for (int m = 0; m < OUTPUTS; m++) {
                uint4 v = valuesHere[(s * HEAD_DEPTH + 8 * m + G) * CHUNKS + T];
                UNROLL for (int b = 0; b < WARP_QUERIES; b++) {
                    sums[b][m] = MMA(weights[b][0], v.xy, sums[b][m], exchange);
                    sums[b][m] = MMA(weights[b][1], v.zw, sums[b][m], exchange);
                }
            }
        }
    }
    UNROLL for (int b = 0; b < WARP_QUERIES; b++) {
        for (int mask = 1; mask < 4; mask *= 2) {
            float other = SHUFFLE_XOR(total[b].x, mask, exchange);
            total[b].x += other;
            other = SHUFFLE_XOR(total[b].y, mask, exchange);
            total[b].y += other;
        }
        UNROLL for (int half_ = 0; half_ < 2; half_++) {
            int q = query + 16 * b + 8 * half_;
            if (q < tokens) {
                __global activation_t* to = out + (((size_t)(head / heads) * tokens + q) * heads + head % heads) * depth;
                float inverse = 1 / (half_ == 0 ? total[b].x : total[b].y);
                UNROLL for (int m = 0; m < OUTPUTS; m++) {
                    float2 sum = inverse * (half_ == 0 ? sums[b][m].xy : sums[b][m].zw);
                    int d = 8 * m + 2 * T;
                    if (d < depth && depth % 2 == 0) {
                        STORE_PAIR(sum, to + d);
                    } else {
                        if (d < depth) {
                            STORE_ACTIVATION(sum.x, to + d);
                        }
                        if (d + 1 < depth) {
                            STORE_ACTIVATION(sum.y, to + d + 1);
                        }
                    }
                }
            }
        }
    }
}
