// Linear layer: out = activation(x W^T + bias + residual).
//   x [rows, K], out and residual [rows, N] (residual may be out), bias [panels * COLUMNS], zero past N
//   panels [ceil(N / COLUMNS), K, COLUMNS]: weights in panels of COLUMNS output channels, zero past N, so that a step
//   along K reads a panel in order
// Row r is written to row r + (r / period + 1) * skip of out, and gets row r % period of residual: the rows of a patch
// embedding leave room for a prefix before each image and share its positions. Otherwise period is rows and skip 0.
// HALF 1: weights are kept in 16 bits and x is rounded to 16 bits, on a CPU before (round_rows), on a GPU on its way to local
//   memory; sums are 32-bit floats. Loading and storing halves is part of OpenCL 1.2, so any device can.
// activation: 0 none, 1 exact GELU, 2 ReLU; hasResidual: 0 or 1.
//
// Two shapes:
// TILED 0 (CPU): an item takes one panel and rowsPerItem rows, TILE_ROWS at a time. TILE_ROWS x COLUMNS sums stay in
//   vector registers from the first k to the last.
//   COLUMNS is a multiple of V
//   global size: panels, ceil(rows / rowsPerItem); local size: 1, 1
// TILED 1 (GPU): a work group of GROUP x GROUP items takes a tile of GROUP_ROWS rows and GROUP_COLUMNS columns, which
//   register_tile.cl multiplies.
//   COLUMNS is a multiple of GROUP_COLUMNS
//   global size: GROUP * ceil(N / GROUP_COLUMNS), GROUP * ceil(rows / GROUP_ROWS); local size: GROUP, GROUP

#if HALF == 1
typedef half weight_t;
#define STORE_WEIGHT(x, p, i) vstore_half(x, i, p)
#define LOAD_QUAD(p, i) vload_half4(i, p)
#if V == 1
#define LOAD_WEIGHTS(p) vload_half(0, p)
#else
#define LOAD_WEIGHTS(p) JOIN(vload_half, V)(0, p)
#endif
#define operand(x) ten_bits(x)
#else
typedef float weight_t;
#define STORE_WEIGHT(x, p, i) ((p)[i] = (x))
#define LOAD_QUAD(p, i) (((__global const float4*)(p))[i])
#define LOAD_WEIGHTS(p) LOAD(p)
#define operand(x) (x)
#endif

// Rearranges weights into panels, and pads the bias (if hasBias is 0, with zeros only). The weight of output n and input
// k lies at n * outputStride + k * inputStride, so that they may be transposed as they lie.
//   global size: panels * COLUMNS; item n copies output channel n
__kernel void pack_linear(__global const float* weight, int outputStride, int inputStride, __global const float* bias,
                          int hasBias, int inputs, int outputs, __global weight_t* panels, __global float* padded) {
    int n = get_global_id(0);
    __global weight_t* to = panels + (size_t)(n / COLUMNS) * inputs * COLUMNS + n % COLUMNS;
    for (int k = 0; k < inputs; k++) {
        float value = n < outputs ? weight[(size_t)n * outputStride + (size_t)k * inputStride] : 0;
        STORE_WEIGHT(value, to, (size_t)k * COLUMNS);
    }
    padded[n] = n < outputs && hasBias ? bias[n] : 0;
}

// ReLU is written so that a sum that is not a number stays so, which fmax would drop.
float activate_one(float x, int activation) {
    return activation == 1 ? gelu_(x) : activation == 2 && x < 0 ? 0 : x;
}

#if TILED == 0

#define VECTORS (COLUMNS / V)

#if HALF == 1
// Rounds x [rows, inputs] once, not anew for each panel that it is multiplied with. Launch: row kernel (see common.cl).
__kernel void round_rows(__global const float* x, int rows, int inputs, __global float* rounded) {
    FOR_ROWS(row, rows) {
        __global const float* from = x + (size_t)row * inputs;
        __global float* to = rounded + (size_t)row * inputs;
        for (int k = 0; k < inputs; k++) {
            to[k] = ten_bits(from[k]);
        }
    }
}
#endif

floatV activate(floatV x, int activation) {
    return activation == 1 ? gelu_(x) : activation == 2 ? (x < TO_V(0.0f) ? TO_V(0.0f) : x) : x;
}

__kernel void linear(__global const float* x, __global const weight_t* panels, __global const float* bias,
                     __global const float* residual, int hasResidual, int activation, int rows, int inputs,
                     int outputs, int period, int skip, int rowsPerItem, __global float* out) {
    int column = get_global_id(0) * COLUMNS;
    int first = get_global_id(1) * rowsPerItem;
    int last = min(rows, first + rowsPerItem);
    __global const weight_t* panel = panels + (size_t)column * inputs;
    for (int row = first; row < last; row += TILE_ROWS) {
        // Behind the last row the last one is multiplied again, and not stored.
        __global const float* from[TILE_ROWS];
        floatV sums[TILE_ROWS][VECTORS];
#pragma unroll
        for (int r = 0; r < TILE_ROWS; r++) {
            from[r] = x + (size_t)min(row + r, last - 1) * inputs;
#pragma unroll
            for (int v = 0; v < VECTORS; v++) {
                sums[r][v] = LOAD(bias + column + v * V);
            }
        }
        __global const weight_t* weights = panel;
        for (int k = 0; k < inputs; k++, weights += COLUMNS) {
            floatV w[VECTORS];
#pragma unroll
            for (int v = 0; v < VECTORS; v++) {
                w[v] = LOAD_WEIGHTS(weights + v * V);
            }
#pragma unroll
            for (int r = 0; r < TILE_ROWS; r++) {
                floatV value = TO_V(from[r][k]);
#pragma unroll
                for (int v = 0; v < VECTORS; v++) {
                    sums[r][v] = fma(value, w[v], sums[r][v]);
                }
            }
        }
#pragma unroll
        for (int r = 0; r < TILE_ROWS; r++) {
            if (row + r < last) {
                __global float* to = out + (size_t)(row + r + ((row + r) / period + 1) * skip) * outputs;
                __global const float* added = residual + (size_t)((row + r) % period) * outputs;
#pragma unroll
                for (int v = 0; v < VECTORS; v++) {
                    int c = column + v * V;
                    if (c + V <= outputs) {
                        floatV sum = hasResidual ? sums[r][v] + LOAD(added + c) : sums[r][v];
                        STORE(activate(sum, activation), to + c);
                    } else {
                        float rest[V];
                        STORE(sums[r][v], rest);
                        for (int i = 0; c + i < outputs; i++) {
                            float sum = hasResidual ? rest[i] + added[c + i] : rest[i];
                            to[c + i] = activate_one(sum, activation);
                        }
                    }
                }
            }
        }
    }
}

#else

#include "register_tile.cl"

float4 load_columns(__global const float* row, int column, int outputs) {
    if (outputs % 4 == 0) {
        return column < outputs ? *(__global const float4*)(row + column) : 0;
    }
    return (float4)(column < outputs ? row[column] : 0, column + 1 < outputs ? row[column + 1] : 0,
                    column + 2 < outputs ? row[column + 2] : 0, column + 3 < outputs ? row[column + 3] : 0);
}

void store_columns(float4 x, __global float* row, int column, int outputs) {
    if (outputs % 4 == 0) {
        if (column < outputs) {
            *(__global float4*)(row + column) = x;
        }
    } else {
        float rest[4];
        vstore4(x, 0, rest);
#pragma unroll
        for (int c = 0; c < 4; c++) {
            if (column + c < outputs) {
                row[column + c] = rest[c];
            }
        }
    }
}

__kernel __attribute__((reqd_work_group_size(GROUP, GROUP, 1)))
void linear(__global const float* x, __global const weight_t* panels, __global const float* bias,
            __global const float* residual, int hasResidual, int activation, int rows, int inputs, int outputs,
            int period, int skip, int rowsPerItem, __global float* out) {
    __local float4 lefts[2 * DEPTH * STRIDE / 4];
    __local float4 rights[2 * DEPTH * GROUP_COLUMNS / 4];
    int row = get_group_id(1) * GROUP_ROWS;
    int column = get_group_id(0) * GROUP_COLUMNS;
    float4 sums[ITEM_ROWS][COLUMN_QUADS];
#pragma unroll
    for (int m = 0; m < COLUMN_QUADS; m++) {
        float4 first = *(__global const float4*)(bias + column + TILE_COLUMN(m));
#pragma unroll
        for (int n = 0; n < ITEM_ROWS; n++) {
            sums[n][m] = first;
        }
    }
    __global const weight_t* panel = panels + (size_t)(column / COLUMNS) * COLUMNS * inputs + column % COLUMNS;
    multiply_tile(x + (size_t)row * inputs, rows - row, inputs, 1, panel, inputs, lefts, rights, sums);
#pragma unroll
    for (int n = 0; n < ITEM_ROWS; n++) {
        int r = row + TILE_ROW(n);
        if (r < rows) {
            __global float* to = out + (size_t)(r + (r / period + 1) * skip) * outputs;
            __global const float* added = residual + (size_t)(r % period) * outputs;
#pragma unroll
            for (int m = 0; m < COLUMN_QUADS; m++) {
                int c = column + TILE_COLUMN(m);
                float4 sum = sums[n][m];
                if (hasResidual) {
                    sum += load_columns(added, c, outputs);
                }
                if (activation != 0) {
                    sum = (float4)(activate_one(sum.x, activation), activate_one(sum.y, activation),
                                   activate_one(sum.z, activation), activate_one(sum.w, activation));
                }
                store_columns(sum, to, c, outputs);
            }
        }
    }
}

#endif
