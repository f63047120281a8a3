// Products of matrices, several at once: out[b] = factor a[b] x[b] (+ out[b]).
//   a: element (r, k) of matrix b at b * aBatch + r * aRow + k * aDepth, so that it may be transposed as it lies
//   panels [B, ceil(N / COLUMNS), depth, COLUMNS]: x in panels of COLUMNS columns, zero past N
//   out: element (r, n) of matrix b at outFirst + b * outBatch + r * N + n
// Matrix b has the depth min(depth, total - b * depth): a long product is cut into chunks as the matrices of a batch,
// whose results are then added in order (sum.cl). Otherwise total is B * depth.
//
// Two shapes, those of linear.cl:
// TILED 0 (CPU): an item takes one panel and rowsPerItem rows, TILE_ROWS at a time, their sums in vector registers.
//   global size: panels * rowBlocks, B with rowBlocks = ceil(rows / rowsPerItem); local size: 1, 1
// TILED 1 (GPU): a work group of GROUP x GROUP items takes a tile of GROUP_ROWS rows (rowsPerItem) and GROUP_COLUMNS
//   columns, which register_tile.cl multiplies.
//   global size: GROUP * ceil(N / GROUP_COLUMNS) * rowBlocks, GROUP * B; local size: GROUP, GROUP

// Lays x out in panels. x: element (k, n) of matrix b at xFirst + b * xBatch + k * xDepth + n * xColumn.
//   TILED 0: global size: panels, B; an item takes a panel
//   TILED 1: global size: panels * COLUMNS, B; an item takes a column
__kernel void pack_panels(__global const float* x, int xFirst, int xBatch, int xDepth, int xColumn, int columns,
                          int depth, int total, __global float* panels) {
    int b = get_global_id(1);
    int own = min(depth, total - b * depth);
    x += xFirst + (size_t)b * xBatch;
#if TILED == 0
    int first = get_global_id(0) * COLUMNS;
    __global float* to = panels + (((size_t)b * get_global_size(0) + get_global_id(0)) * depth) * COLUMNS;
    int count = min(COLUMNS, columns - first);
    if (count == COLUMNS && xColumn == 1) {
        for (int k = 0; k < own; k++) {
#pragma unroll
            for (int n = 0; n < COLUMNS; n += V) {
                STORE(LOAD(x + (size_t)k * xDepth + first + n), to + (size_t)k * COLUMNS + n);
            }
        }
    } else {
        for (int n = 0; n < COLUMNS; n++) {
            __global const float* from = x + (size_t)min(first + n, columns - 1) * xColumn;
            for (int k = 0; k < own; k++) {
                to[(size_t)k * COLUMNS + n] = n < count ? from[(size_t)k * xDepth] : 0;
            }
        }
    }
#else
    int n = get_global_id(0);
    size_t panel = (size_t)b * (get_global_size(0) / COLUMNS) + n / COLUMNS;
    __global float* to = panels + panel * depth * COLUMNS + n % COLUMNS;
    for (int k = 0; k < own; k++) {
        to[(size_t)k * COLUMNS] = n < columns ? x[(size_t)k * xDepth + (size_t)n * xColumn] : 0;
    }
#endif
}

#if TILED == 0

#define VECTORS (COLUMNS / V)

__kernel void product(__global const float* a, int aBatch, int aRow, int aDepth, __global const float* panels, int rows,
                      int columns, int depth, int total, int rowsPerItem, float factor, int accumulate, int outFirst,
                      int outBatch, __global float* out) {
    int panelCount = (columns + COLUMNS - 1) / COLUMNS;
    int panel = get_global_id(0) % panelCount;
    int first = get_global_id(0) / panelCount * rowsPerItem;
    int last = min(rows, first + rowsPerItem);
    int b = get_global_id(1);
    int own = min(depth, total - b * depth);
    int column = panel * COLUMNS;
    a += (size_t)b * aBatch;
    panels += ((size_t)b * panelCount + panel) * depth * COLUMNS;
    out += outFirst + (size_t)b * outBatch;
    for (int row = first; row < last; row += TILE_ROWS) {
        // Behind the last row the last one is multiplied again, and not stored.
        __global const float* from[TILE_ROWS];
        floatV sums[TILE_ROWS][VECTORS];
#pragma unroll
        for (int r = 0; r < TILE_ROWS; r++) {
            from[r] = a + (size_t)min(row + r, last - 1) * aRow;
#pragma unroll
            for (int v = 0; v < VECTORS; v++) {
                sums[r][v] = 0;
            }
        }
        __global const float* x = panels;
        size_t at = 0;
        for (int k = 0; k < own; k++, x += COLUMNS, at += aDepth) {
            floatV w[VECTORS];
#pragma unroll
            for (int v = 0; v < VECTORS; v++) {
                w[v] = LOAD(x + v * V);
            }
#pragma unroll
            for (int r = 0; r < TILE_ROWS; r++) {
                floatV value = TO_V(from[r][at]);
#pragma unroll
                for (int v = 0; v < VECTORS; v++) {
                    sums[r][v] = fma(value, w[v], sums[r][v]);
                }
            }
        }
#pragma unroll
        for (int r = 0; r < TILE_ROWS; r++) {
            if (row + r < last) {
                __global float* to = out + (size_t)(row + r) * columns;
#pragma unroll
                for (int v = 0; v < VECTORS; v++) {
                    int c = column + v * V;
                    floatV sum = sums[r][v] * factor;
                    if (c + V <= columns) {
                        STORE(accumulate ? LOAD(to + c) + sum : sum, to + c);
                    } else {
                        float rest[V];
                        STORE(sum, rest);
                        for (int i = 0; c + i < columns; i++) {
                            to[c + i] = accumulate ? to[c + i] + rest[i] : rest[i];
                        }
                    }
                }
            }
        }
    }
}

#else

typedef float weight_t;
#define LOAD_QUAD(p, i) (((__global const float4*)(p))[i])
#define operand(x) (x)
#include "register_tile.cl"

__kernel __attribute__((reqd_work_group_size(GROUP, GROUP, 1)))
void product(__global const float* a, int aBatch, int aRow, int aDepth, __global const float* panels, int rows,
             int columns, int depth, int total, int rowsPerItem, float factor, int accumulate, int outFirst,
             int outBatch, __global float* out) {
    __local float4 lefts[2 * DEPTH * STRIDE / 4];
    __local float4 rights[2 * DEPTH * GROUP_COLUMNS / 4];
    int tiles = (columns + GROUP_COLUMNS - 1) / GROUP_COLUMNS;
    int column = get_group_id(0) % tiles * GROUP_COLUMNS;
    int row = get_group_id(0) / tiles * GROUP_ROWS;
    int b = get_group_id(1);
    int own = min(depth, total - b * depth);
    size_t panel = (size_t)b * ((columns + COLUMNS - 1) / COLUMNS) + column / COLUMNS;
    out += outFirst + (size_t)b * outBatch;
    float4 sums[ITEM_ROWS][COLUMN_QUADS];
#pragma unroll
    for (int n = 0; n < ITEM_ROWS; n++) {
#pragma unroll
        for (int m = 0; m < COLUMN_QUADS; m++) {
            sums[n][m] = 0;
        }
    }
    multiply_tile(a + (size_t)b * aBatch + (size_t)row * aRow, rows - row, aRow, aDepth,
                  panels + panel * depth * COLUMNS + column % COLUMNS, own, lefts, rights, sums);
    bool aligned = (columns | outFirst | outBatch) % 4 == 0;
#pragma unroll
    for (int n = 0; n < ITEM_ROWS; n++) {
        int r = row + TILE_ROW(n);
        if (r < rows) {
            __global float* to = out + (size_t)r * columns;
#pragma unroll
            for (int m = 0; m < COLUMN_QUADS; m++) {
                int c = column + TILE_COLUMN(m);
                float4 sum = sums[n][m] * factor;
                if (aligned && c < columns) {
                    __global float4* quad = (__global float4*)(to + c);
                    *quad = accumulate ? *quad + sum : sum;
                } else if (!aligned) {
                    float rest[4];
                    vstore4(sum, 0, rest);
#pragma unroll
                    for (int q = 0; q < 4; q++) {
                        if (c + q < columns) {
                            to[c + q] = accumulate ? to[c + q] + rest[q] : rest[q];
                        }
                    }
                }
            }
        }
    }
}

#endif
