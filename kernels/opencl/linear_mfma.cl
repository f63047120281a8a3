#include "chunks.cl"

// Words of weights lie in their order.
#define WORD_PLACE(word) (word)

#include "linear_panels.cl"

// Linear layer in 16 bits on AMD's matrix units (CDNA): out = activation(x W^T + bias + residual). Arguments and results are
// those of linear_matrix.cl, and x lies as there.
//   panels [ceil(N / COLUMNS), ceil(K / STEPS), COLUMNS, STEPS] 16-bit floats, zero past N and K
// MATRIX 3: one instruction, v_mfma_f32_16x16x16_f16, which on gfx90a takes subnormal operands for 0. MATRIX 4: the same in plain
//   OpenCL C, item for item, through local memory: slow, for tests.
//
// A warp is a wave of 64 lanes; lane l has g = l % 16 and q = l / 16. The instruction multiplies 16 rows x 16 steps by 16
// steps x 16 columns (AMD Instinct MI200 instruction set architecture, "Matrix Arithmetic Instructions"):
//   a: row g, steps 4q to 4q + 3;  b: column g, steps 4q to 4q + 3;  sums: rows 4q to 4q + 3, column g
// Weights are the left operand and x is the right one: so a lane's four sums are neighbours in a row of out. It takes a
// chunk, number q, of a row of either tile at once, enough for two products: steps 8q to 8q + 3, then 8q + 4 to 8q + 7. A
// sum does not care which steps are added first, if both operands are taken alike.
//
// A work group of WARPS_DOWN * WARPS_ACROSS warps takes ROWS_ = 16 WARP_ROWS WARPS_DOWN rows and COLUMNS_ = 16 WARP_COLUMNS
// WARPS_ACROSS columns, whose sums stay in registers. Slices of STEPS steps alternate between two places of local memory:
// while one is multiplied, the next is on its way from global memory to registers, and one barrier a slice is enough.
//   ROWS_ * 4 and COLUMNS_ * 4 are multiples of the items of a work group, COLUMNS of COLUMNS_
//   global size: 64 WARPS * ceil(N / COLUMNS_), ceil(rows / ROWS_); local size: 64 WARPS, 1

#define WARP 64
#define WARPS (WARPS_DOWN * WARPS_ACROSS)
#define WARP_OF (ITEM / WARP)
#define G (ITEM % 16)
#define Q (ITEM % WARP / 16)
#define ROWS_ (16 * WARP_ROWS * WARPS_DOWN)
#define COLUMNS_ (16 * WARP_COLUMNS * WARPS_ACROSS)
#define ITEMS (WARP * WARPS)
// Chunks of a slice: of x, then of W.
#define X_CHUNKS (ROWS_ * CHUNKS)
#define W_CHUNKS (COLUMNS_ * CHUNKS)
#define SLICE_CHUNKS (X_CHUNKS + W_CHUNKS)

// The row of a tile that is this item's n-th, its chunk in it, and where that lies in the tile.
#define MOVED_ROW(n) ((n) * (ITEMS / CHUNKS) + ITEM / CHUNKS)
#define MOVED_CHUNK (ITEM % CHUNKS)
#define PLACE(row, chunk) ((row) * CHUNKS + SWIZZLE(row, chunk))

#if MATRIX == 3

#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#define EXCHANGE(name)
#define MMA(a, b, sums, exchange) __builtin_amdgcn_mfma_f32_16x16x16f16(as_half4(a), as_half4(b), sums, 0, 0, 0)

#else

// Two pairs of words an item: its part of a and b.
#define EXCHANGE(name) __local uint2 name[ITEMS * 2]
#define MMA(a, b, sums, exchange) multiply(a, b, sums, exchange)

float step_of(uint2 words, int step) {
    return half_of(step < 2 ? words.x : words.y, step % 2);
}

float4 multiply(uint2 a, uint2 b, float4 sums, __local uint2* exchange) {
    barrier(CLK_LOCAL_MEM_FENCE);
    exchange[ITEM * 2] = a;
    exchange[ITEM * 2 + 1] = b;
    barrier(CLK_LOCAL_MEM_FENCE);
    __local const uint2* warp = exchange + WARP_OF * WARP * 2;
    float results[4];
    vstore4(sums, 0, results);
    for (int i = 0; i < 4; i++) {
        for (int step = 0; step < 16; step++) {
            int lanes = step / 4 * 16;
            results[i] = fma(step_of(warp[(lanes + 4 * Q + i) * 2], step % 4),
                             step_of(warp[(lanes + G) * 2 + 1], step % 4), results[i]);
        }
    }
    return vload4(0, results);
}

#endif

// Reads this item's chunks of a slice. Behind the last row of x, which lastRow counts from its first, that row is multiplied
// again, and not stored; chunks past the end of rows are zeros.
void load_slice(__global const uint4* x, int rowChunks, int lastRow, int slice_, __global const uint4* w, uint4* nextX,
                uint4* nextW) {
    int chunk = slice_ * CHUNKS + MOVED_CHUNK;
    UNROLL for (int n = 0; n < X_CHUNKS / ITEMS; n++) {
        nextX[n] = chunk < rowChunks ? x[(size_t)min(MOVED_ROW(n), lastRow) * rowChunks + chunk] : 0;
    }
    UNROLL for (int n = 0; n < W_CHUNKS / ITEMS; n++) {
        nextW[n] = w[n * ITEMS + ITEM];
    }
}

__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1)))
void linear_matrix(__global const uint4* x, __global const uint4* panels, __global const float* bias,
                   __global const float* residual, int hasResidual, int activation, int rows, int inputs, int outputs,
                   int period, int skip, int rowChunks, __global activation_t* out) {
    __local uint4 places[2 * SLICE_CHUNKS];
    EXCHANGE(exchange);
    int slices = (inputs + STEPS - 1) / STEPS;
    int row = get_group_id(1) * ROWS_;
    int column = get_group_id(0) * COLUMNS_;
    int ownRow = WARP_OF / WARPS_ACROSS * 16 * WARP_ROWS;
    int ownColumn = WARP_OF % WARPS_ACROSS * 16 * WARP_COLUMNS;
    x += (size_t)row * rowChunks;
    int lastRow = rows - 1 - row;
    panels += ((size_t)(column / COLUMNS) * slices * COLUMNS + column % COLUMNS) * CHUNKS;

    uint4 nextX[X_CHUNKS / ITEMS];
    uint4 nextW[W_CHUNKS / ITEMS];
    load_slice(x, rowChunks, lastRow, 0, panels, nextX, nextW);
    float4 sums[WARP_ROWS][WARP_COLUMNS];
    UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
        float4 first = *(__global const float4*)(bias + column + ownColumn + 16 * m + 4 * Q);
        UNROLL for (int n = 0; n < WARP_ROWS; n++) {
            sums[n][m] = first;
        }
    }
    for (int slice_ = 0; slice_ < slices; slice_++) {
        __local uint4* rowsHere = places + slice_ % 2 * SLICE_CHUNKS;
        __local uint4* columnsHere = rowsHere + X_CHUNKS;
        UNROLL for (int n = 0; n < X_CHUNKS / ITEMS; n++) {
            rowsHere[PLACE(MOVED_ROW(n), MOVED_CHUNK)] = nextX[n];
        }
        UNROLL for (int n = 0; n < W_CHUNKS / ITEMS; n++) {
            columnsHere[PLACE(MOVED_ROW(n), MOVED_CHUNK)] = nextW[n];
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        if (slice_ + 1 < slices) {
            __global const uint4* w = panels + (size_t)(slice_ + 1) * COLUMNS * CHUNKS;
            load_slice(x, rowChunks, lastRow, slice_ + 1, w, nextX, nextW);
        }
        uint4 w[WARP_COLUMNS];
        UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
            w[m] = columnsHere[PLACE(ownColumn + 16 * m + G, Q)];
        }
        UNROLL for (int n = 0; n < WARP_ROWS; n++) {
            uint4 r = rowsHere[PLACE(ownRow + 16 * n + G, Q)];
            UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
                sums[n][m] = MMA(w[m].xy, r.xy, sums[n][m], exchange);
            }
            UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
                sums[n][m] = MMA(w[m].zw, r.zw, sums[n][m], exchange);
            }
        }
    }
    UNROLL for (int n = 0; n < WARP_ROWS; n++) {
        int r = row + ownRow + 16 * n + G;
        if (r < rows) {
            __global activation_t* to = out + (size_t)(r + (r / period + 1) * skip) * outputs;
            __global const float* added = residual + (size_t)(r % period) * outputs;
            UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
                int c = column + ownColumn + 16 * m + 4 * Q;
                float4 sum = sums[n][m];
                if (c + 4 <= outputs && outputs % 4 == 0) {
                    sum += hasResidual ? *(__global const float4*)(added + c) : 0;
                    sum = (float4)(activate_one(sum.x, activation), activate_one(sum.y, activation),
                                   activate_one(sum.z, activation), activate_one(sum.w, activation));
                    STORE_QUAD(sum, to + c);
                } else {
                    float rest[4];
                    vstore4(sum, 0, rest);
                    UNROLL for (int i = 0; i < 4; i++) {
                        if (c + i < outputs) {
                            float one = activate_one(hasResidual ? rest[i] + added[c + i] : rest[i], activation);
                            STORE_ACTIVATION(one, to + c + i);
                        }
                    }
                }
            }
        }
    }
}
