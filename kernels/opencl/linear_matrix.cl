#include "matrix_units.cl"

// Linear layer on matrix units: out = activation(x W^T + bias + residual), x and W rounded to 16 bits, sums in 32.
// Arguments and results are those of linear.cl; only the weights lie otherwise:
//   panels [ceil(N / COLUMNS), ceil(K / 32), COLUMNS, 32] 16-bit floats, zero past N and K: a panel is tiles of 32 steps,
//   each as it is to lie in local memory
//
// A work group of WARPS = WARPS_DOWN * WARPS_ACROSS warps takes a tile of ROWS_ = 16 WARP_ROWS WARPS_DOWN rows and one
// panel of COLUMNS = 8 WARP_COLUMNS WARPS_ACROSS columns, and a warp of it 16 WARP_ROWS rows and 8 WARP_COLUMNS columns,
// whose sums stay in registers. Tiles of x and W alternate between two places in local memory: while one is multiplied,
// the next is on its way from global memory to registers, and then goes to the other place.
//   ROWS_ * 4 and COLUMNS * 4 are multiples of 32 WARPS
//   global size: 32 WARPS * panels, ceil(rows / ROWS_); local size: 32 WARPS, 1

#define WARPS (WARPS_DOWN * WARPS_ACROSS)
#define ROWS_ (16 * WARP_ROWS * WARPS_DOWN)
#define ITEMS (WARP * WARPS)
// Chunks of the two tiles that an item moves.
#define X_CHUNKS (ROWS_ * CHUNKS / ITEMS)
#define W_CHUNKS (COLUMNS * CHUNKS / ITEMS)

// Lays weights out in panels, and pads the bias; arguments as in linear.cl.
//   global size: panels * COLUMNS; item n copies output channel n
__kernel void pack_linear(__global const float* weight, int outputStride, int inputStride, __global const float* bias,
                          int hasBias, int inputs, int outputs, __global half* panels, __global float* padded) {
    int n = get_global_id(0);
    int slices = (inputs + STEPS - 1) / STEPS;
    for (int k = 0; k < slices * STEPS; k++) {
        bool there = n < outputs && k < inputs;
        float value = there ? weight[(size_t)n * outputStride + (size_t)k * inputStride] : 0;
        size_t row = ((size_t)(n / COLUMNS) * slices + k / STEPS) * COLUMNS + n % COLUMNS;
        vstore_half(value, row * STEPS + k % STEPS, panels);
    }
    padded[n] = n < outputs && hasBias ? bias[n] : 0;
}

float activate_one(float x, int activation) {
    return activation == 1 ? gelu_(x) : activation == 2 && x < 0 ? 0 : x;
}

__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1)))
void linear(__global const float* x, __global const uint4* panels, __global const float* bias,
            __global const float* residual, int hasResidual, int activation, int rows, int inputs, int outputs,
            int period, int skip, int rowsPerItem, __global float* out) {
    __local uint4 xs[2][ROWS_ * CHUNKS];
    __local uint4 ws[2][COLUMNS * CHUNKS];
    EXCHANGE(exchange);
    int slices = (inputs + STEPS - 1) / STEPS;
    int row = get_group_id(1) * ROWS_;
    int column = get_group_id(0) * COLUMNS;
    int ownRow = WARP_OF / WARPS_ACROSS * 16 * WARP_ROWS;
    int ownColumn = WARP_OF % WARPS_ACROSS * 8 * WARP_COLUMNS;
    __global const uint4* panel = panels + (size_t)get_group_id(0) * slices * COLUMNS * CHUNKS;

    float4 sums[WARP_ROWS][WARP_COLUMNS];
    UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
        int c = column + ownColumn + 8 * m + 2 * T;
        UNROLL for (int n = 0; n < WARP_ROWS; n++) {
            sums[n][m] = (float4)(bias[c], bias[c + 1], bias[c], bias[c + 1]);
        }
    }
    float8 nextX[X_CHUNKS];
    uint4 nextW[W_CHUNKS];
    for (int slice_ = -1; slice_ < slices; slice_++) {
        int next = slice_ + 1;
        if (next < slices) {
            UNROLL for (int n = 0; n < X_CHUNKS; n++) {
                int at = n * ITEMS + ITEM;
                int r = row + at / CHUNKS;
                nextX[n] = load_chunk(x + (size_t)r * inputs, next * CHUNKS + at % CHUNKS, inputs, r < rows);
            }
            UNROLL for (int n = 0; n < W_CHUNKS; n++) {
                nextW[n] = panel[(size_t)next * COLUMNS * CHUNKS + n * ITEMS + ITEM];
            }
        }
        if (slice_ >= 0) {
            __local const uint4* rowsHere = xs[slice_ & 1] + (ownRow + G) * CHUNKS + T;
            __local const uint4* columnsHere = ws[slice_ & 1] + (ownColumn + G) * CHUNKS + T;
            uint4 w[WARP_COLUMNS];
            UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
                w[m] = columnsHere[8 * m * CHUNKS];
            }
            UNROLL for (int n = 0; n < WARP_ROWS; n++) {
                uint4 low = rowsHere[16 * n * CHUNKS];
                uint4 high = rowsHere[(16 * n + 8) * CHUNKS];
                UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
                    sums[n][m] = MMA(FIRST_A(low, high), w[m].xy, sums[n][m], exchange);
                }
                UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
                    sums[n][m] = MMA(SECOND_A(low, high), w[m].zw, sums[n][m], exchange);
                }
            }
        }
        if (next < slices) {
            UNROLL for (int n = 0; n < X_CHUNKS; n++) {
                xs[next & 1][n * ITEMS + ITEM] = pack_chunk(nextX[n]);
            }
            UNROLL for (int n = 0; n < W_CHUNKS; n++) {
                ws[next & 1][n * ITEMS + ITEM] = nextW[n];
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    UNROLL for (int n = 0; n < WARP_ROWS; n++) {
        UNROLL for (int half_ = 0; half_ < 2; half_++) {
            int r = row + ownRow + 16 * n + 8 * half_ + G;
            if (r < rows) {
                __global float* to = out + (size_t)(r + (r / period + 1) * skip) * outputs;
                __global const float* added = residual + (size_t)(r % period) * outputs;
                UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
                    int c = column + ownColumn + 8 * m + 2 * T;
                    float2 sum = half_ == 0 ? sums[n][m].xy : sums[n][m].zw;
                    if (c + 2 <= outputs && outputs % 2 == 0) {
                        float2 both = hasResidual ? *(__global const float2*)(added + c) : 0;
                        both += sum;
                        both.x = activate_one(both.x, activation);
                        both.y = activate_one(both.y, activation);
                        *(__global float2*)(to + c) = both;
                    } else {
                        if (c < outputs) {
                            to[c] = activate_one(hasResidual ? sum.x + added[c] : sum.x, activation);
                        }
                        if (c + 1 < outputs) {
                            to[c + 1] = activate_one(hasResidual ? sum.y + added[c + 1] : sum.y, activation);
                        }
                    }
                }
            }
        }
    }
}
