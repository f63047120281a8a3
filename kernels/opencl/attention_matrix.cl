#include "matrix_units.cl"

// Multi-head self-attention on matrix units: out = softmax(q k^T / sqrt(D)) v for each head, online as in attention.cl.
// Queries, keys, values and the weights of the second product are rounded to 16 bits; sums, maxima and the softmax are
// 32-bit floats.
//   qkv [B, T, 3 C], out [B, T, C]; scale = log2(e) / sqrt(D), so that exponentials are powers of two
//   HEAD_DEPTH: D rounded up to a multiple of 32
//
// Keys and values are first laid out as the tiles that a step needs, KEYS = 32 KEY_SLICES keys at a time, zero past T
// and D (pack_keys, pack_values):
//   keys [B heads, ceil(T / KEYS), HEAD_DEPTH / 32, KEYS, 32]: a row is a key, its steps 32 channels
//   values [B heads, ceil(T / KEYS), KEY_SLICES, HEAD_DEPTH, 32]: a row is a channel, its steps 32 keys
// Then a work group of WARPS warps takes 16 WARPS queries through all keys, each warp its own 16. The sums of a warp's
// first product are, lane for lane, the left operand of its second: the eight columns of product j are keys 8t + 2j and
// 8t + 2j + 1 for t = 0 to 3, so that lane t ends up with keys 8t to 8t + 7, a chunk of the values' steps.
//   attention_matrix: global size: 32 WARPS * ceil(T / (16 WARPS)), B heads; local size: 32 WARPS, 1

#define ITEMS (WARP * WARPS)
#define KEYS (STEPS * KEY_SLICES)
#define DEPTH_SLICES (HEAD_DEPTH / STEPS)
#define TILE (KEYS * HEAD_DEPTH / 8)
// Products of eight channels of the result.
#define OUTPUTS (HEAD_DEPTH / 8)

// global size: KEYS * CHUNKS * DEPTH_SLICES * ceil(T / KEYS), B heads; an item packs a chunk
__kernel void pack_keys(__global const float* qkv, int tokens, int heads, int depth, __global uint4* packed) {
    int at = get_global_id(0);
    int head = get_global_id(1);
    int chunk = at / (CHUNKS * KEYS) % DEPTH_SLICES * CHUNKS + at % CHUNKS;
    int key = at / TILE * KEYS + at / CHUNKS % KEYS;
    int stride = 3 * heads * depth;
    __global const float* from = qkv + (size_t)(head / heads) * tokens * stride + (heads + head % heads) * depth;
    packed[(size_t)head * get_global_size(0) + at] =
        round_chunk(from + (size_t)key * stride, chunk, depth, key < tokens);
}

// global size: KEY_SLICES * CHUNKS * HEAD_DEPTH * ceil(T / KEYS), B heads; an item packs eight keys' values in a channel
__kernel void pack_values(__global const float* qkv, int tokens, int heads, int depth, __global uint4* packed) {
    int at = get_global_id(0);
    int head = get_global_id(1);
    // Neighbouring items read neighbouring channels.
    int d = at % HEAD_DEPTH;
    int chunk = at / HEAD_DEPTH;
    int key = chunk * 8;
    int stride = 3 * heads * depth;
    __global const float* from = qkv + (size_t)(head / heads) * tokens * stride + (2 * heads + head % heads) * depth + d;
    float x[8];
    UNROLL for (int i = 0; i < 8; i++) {
        x[i] = key + i < tokens && d < depth ? from[(size_t)(key + i) * stride] : 0;
    }
    packed[(size_t)head * get_global_size(0) + ((size_t)(chunk / CHUNKS) * HEAD_DEPTH + d) * CHUNKS + chunk % CHUNKS] =
        pack_chunk((float8)(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]));
}

// This item's chunks of a tile.
void load_tile(__global const uint4* from, uint4* own) {
    UNROLL for (int n = 0; n < TILE / ITEMS; n++) {
        own[n] = from[n * ITEMS + ITEM];
    }
}

void store_tile(const uint4* own, __local uint4* to) {
    UNROLL for (int n = 0; n < TILE / ITEMS; n++) {
        to[n * ITEMS + ITEM] = own[n];
    }
}

__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1)))
void attention_matrix(__global const float* qkv, __global const uint4* keys, __global const uint4* values, int tokens,
                      int heads, int depth, float scale, __global float* out) {
    __local uint4 keysHere[TILE];
    __local uint4 valuesHere[TILE];
    EXCHANGE(exchange);
    int head = get_group_id(1);
    int blocks = (tokens + KEYS - 1) / KEYS;
    int query = (get_group_id(0) * WARPS + WARP_OF) * 16 + G;
    int stride = 3 * heads * depth;
    __global const float* image = qkv + (size_t)(head / heads) * tokens * stride + head % heads * depth;
    keys += (size_t)head * blocks * TILE;
    values += (size_t)head * blocks * TILE;

    // Queries `query` and `query + 8`.
    uint4 low[DEPTH_SLICES];
    uint4 high[DEPTH_SLICES];
    UNROLL for (int s = 0; s < DEPTH_SLICES; s++) {
        int chunk = s * CHUNKS + T;
        low[s] = pack_chunk(scale * load_chunk(image + (size_t)query * stride, chunk, depth, query < tokens));
        high[s] = pack_chunk(scale * load_chunk(image + (size_t)(query + 8) * stride, chunk, depth, query + 8 < tokens));
    }
    float2 maximum = -INFINITY;
    // This lane's part of the sums of weights; lanes that share queries join them at the end.
    float2 total = 0;
    float4 sums[OUTPUTS];
    UNROLL for (int m = 0; m < OUTPUTS; m++) {
        sums[m] = 0;
    }
    // Keys are on their way while the values before are worked on, and values while their keys are.
    uint4 next[TILE / ITEMS];
    load_tile(keys, next);
    for (int block = 0; block < blocks; block++) {
        store_tile(next, keysHere);
        barrier(CLK_LOCAL_MEM_FENCE);
        load_tile(values + (size_t)block * TILE, next);
        float4 scores[KEY_SLICES * 4];
        UNROLL for (int j = 0; j < KEY_SLICES * 4; j++) {
            int key = j / 4 * STEPS + 2 * (j % 4) + G / 2 * 8 + G % 2;
            scores[j] = 0;
            UNROLL for (int s = 0; s < DEPTH_SLICES; s++) {
                uint4 k = keysHere[(s * KEYS + key) * CHUNKS + T];
                scores[j] = MMA(FIRST_A(low[s], high[s]), k.xy, scores[j], exchange);
                scores[j] = MMA(SECOND_A(low[s], high[s]), k.zw, scores[j], exchange);
            }
        }
        float2 best = maximum;
        UNROLL for (int j = 0; j < KEY_SLICES * 4; j++) {
            int key = block * KEYS + j / 4 * STEPS + 8 * T + 2 * (j % 4);
            if (key >= tokens) {
                scores[j].xz = -INFINITY;
            }
            if (key + 1 >= tokens) {
                scores[j].yw = -INFINITY;
            }
            best = fmax(best, fmax(scores[j].xz, scores[j].yw));
        }
        for (int mask = 1; mask < 4; mask *= 2) {
            float other = SHUFFLE_XOR(best.x, mask, exchange);
            best.x = fmax(best.x, other);
            other = SHUFFLE_XOR(best.y, mask, exchange);
            best.y = fmax(best.y, other);
        }
        float2 factor = native_exp2(maximum - best);
        maximum = best;
        total *= factor;
        UNROLL for (int j = 0; j < KEY_SLICES * 4; j++) {
            scores[j] = native_exp2(scores[j] - best.xxyy);
            total += scores[j].xz + scores[j].yw;
        }
        UNROLL for (int m = 0; m < OUTPUTS; m++) {
            sums[m] *= factor.xxyy;
        }
        store_tile(next, valuesHere);
        barrier(CLK_LOCAL_MEM_FENCE);
        if (block + 1 < blocks) {
            load_tile(keys + (size_t)(block + 1) * TILE, next);
        }
        UNROLL for (int s = 0; s < KEY_SLICES; s++) {
            uint4 weights[2];
            UNROLL for (int i = 0; i < 2; i++) {
                float4 before = scores[4 * s + 2 * i];
                float4 second = scores[4 * s + 2 * i + 1];
                weights[i] = (uint4)(pack_halves(before.x, before.y), pack_halves(before.z, before.w),
                                     pack_halves(second.x, second.y), pack_halves(second.z, second.w));
            }
            UNROLL for (int m = 0; m < OUTPUTS; m++) {
                uint4 v = valuesHere[(s * HEAD_DEPTH + 8 * m + G) * CHUNKS + T];
                sums[m] = MMA(weights[0], v.xy, sums[m], exchange);
                sums[m] = MMA(weights[1], v.zw, sums[m], exchange);
            }
        }
    }
    for (int mask = 1; mask < 4; mask *= 2) {
        float other = SHUFFLE_XOR(total.x, mask, exchange);
        total.x += other;
        other = SHUFFLE_XOR(total.y, mask, exchange);
        total.y += other;
    }
    UNROLL for (int half_ = 0; half_ < 2; half_++) {
        int q = query + 8 * half_;
        if (q < tokens) {
            __global float* to = out + (((size_t)(head / heads) * tokens + q) * heads + head % heads) * depth;
            float inverse = 1 / (half_ == 0 ? total.x : total.y);
            UNROLL for (int m = 0; m < OUTPUTS; m++) {
                float2 sum = inverse * (half_ == 0 ? sums[m].xy : sums[m].zw);
                int d = 8 * m + 2 * T;
                if (d < depth && depth % 2 == 0) {
                    *(__global float2*)(to + d) = sum;
                } else {
                    if (d < depth) {
                        to[d] = sum.x;
                    }
                    if (d + 1 < depth) {
                        to[d + 1] = sum.y;
                    }
                }
            }
        }
    }
}
