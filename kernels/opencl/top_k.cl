// The k keys with the largest dot product with each query, largest first, the smaller index first on a tie.
//   queries [M, depth]; similarities [M, k], minus infinity before the first key; indices [M, k] int32, -1 before it
//   panels [ceil(count / COLUMNS), depth, COLUMNS]: some keys, the first of them key number firstKey, packed by
//   product.cl; called for one block of keys after the other
// Products are made in tiles, and never leave the chip: each that beats the worst of its query's best so far is sorted
// into these. Keys come in ascending order, so an equal product never displaces one before.
//
// Two shapes, those of linear.cl:
// TILED 0 (CPU): an item takes rowsPerItem queries through all panels; of a tile of sums in vector registers, whole
//   vectors are held against the worst so far.
//   global size: ceil(M / rowsPerItem); local size: 1
// TILED 1 (GPU): a work group of GROUP x GROUP items takes GROUP * ITEM_ROWS queries through all panels; a tile of
//   products goes to local memory, where one item looks through each query's row.
//   global size: GROUP, GROUP * ceil(M / (GROUP * ITEM_ROWS)); local size: GROUP, GROUP

void insert(float score, int key, int k, __global float* scores, __global int* keys) {
    int place = k - 1;
    while (place > 0 && scores[place - 1] < score) {
        scores[place] = scores[place - 1];
        keys[place] = keys[place - 1];
        place--;
    }
    scores[place] = score;
    keys[place] = key;
}

#if TILED == 0

#define VECTORS (COLUMNS / V)
#if V == 1
#define ANY(x) (x)
#else
#define ANY(x) any(x)
#endif

__kernel void top_k(__global const float* queries, __global const float* panels, int rows, int depth, int count,
                    int firstKey, int rowsPerItem, int k, __global float* similarities, __global int* indices) {
    int first = get_global_id(0) * rowsPerItem;
    int last = min(rows, first + rowsPerItem);
    for (int column = 0; column < count; column += COLUMNS) {
        for (int row = first; row < last; row += TILE_ROWS) {
            __global const float* from[TILE_ROWS];
            floatV sums[TILE_ROWS][VECTORS];
#pragma unroll
            for (int r = 0; r < TILE_ROWS; r++) {
                from[r] = queries + (size_t)min(row + r, last - 1) * depth;
#pragma unroll
                for (int v = 0; v < VECTORS; v++) {
                    sums[r][v] = 0;
                }
            }
            __global const float* x = panels + (size_t)column * depth;
            for (int d = 0; d < depth; d++, x += COLUMNS) {
                floatV w[VECTORS];
#pragma unroll
                for (int v = 0; v < VECTORS; v++) {
                    w[v] = LOAD(x + v * V);
                }
#pragma unroll
                for (int r = 0; r < TILE_ROWS; r++) {
                    floatV value = TO_V(from[r][d]);
#pragma unroll
                    for (int v = 0; v < VECTORS; v++) {
                        sums[r][v] = fma(value, w[v], sums[r][v]);
                    }
                }
            }
#pragma unroll
            for (int r = 0; r < TILE_ROWS; r++) {
                if (row + r < last) {
                    __global float* scores = similarities + (size_t)(row + r) * k;
                    __global int* keys = indices + (size_t)(row + r) * k;
#pragma unroll
                    for (int v = 0; v < VECTORS; v++) {
                        if (ANY(sums[r][v] > scores[k - 1])) {
                            float found[V];
                            STORE(sums[r][v], found);
                            for (int i = 0; i < V && column + v * V + i < count; i++) {
                                if (found[i] > scores[k - 1]) {
                                    insert(found[i], firstKey + column + v * V + i, k, scores, keys);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#else

#define ROWS_ (GROUP * ITEM_ROWS)

__kernel __attribute__((reqd_work_group_size(GROUP, GROUP, 1)))
void top_k(__global const float* queries, __global const float* panels, int rows, int depth, int count, int firstKey,
           int rowsPerItem, int k, __global float* similarities, __global int* indices) {
    // One float more in a row keeps a column out of one bank.
    __local float qs[DEPTH][ROWS_ + 1];
    __local float xs[DEPTH][COLUMNS];
    __local float tile[ROWS_][COLUMNS + 1];
    int i = get_local_id(0);
    int j = get_local_id(1);
    int item = j * GROUP + i;
    int row = get_group_id(1) * ROWS_;
    for (int column = 0; column < count; column += COLUMNS) {
        __global const float* panel = panels + (size_t)column * depth;
        float sums[ITEM_ROWS][ITEM_COLUMNS];
#pragma unroll
        for (int n = 0; n < ITEM_ROWS; n++) {
#pragma unroll
            for (int m = 0; m < ITEM_COLUMNS; m++) {
                sums[n][m] = 0;
            }
        }
        for (int step = 0; step < depth; step += DEPTH) {
            for (int at = item; at < DEPTH * ROWS_; at += GROUP * GROUP) {
                int d = at % DEPTH;
                int r = at / DEPTH;
                bool there = row + r < rows && step + d < depth;
                qs[d][r] = there ? queries[(size_t)(row + r) * depth + step + d] : 0;
            }
            for (int at = item; at < DEPTH * COLUMNS; at += GROUP * GROUP) {
                xs[at / COLUMNS][at % COLUMNS] = step + at / COLUMNS < depth ? panel[(size_t)step * COLUMNS + at] : 0;
            }
            barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
            for (int d = 0; d < DEPTH; d++) {
                float x[ITEM_COLUMNS];
#pragma unroll
                for (int m = 0; m < ITEM_COLUMNS; m++) {
                    x[m] = xs[d][i + m * GROUP];
                }
#pragma unroll
                for (int n = 0; n < ITEM_ROWS; n++) {
                    float value = qs[d][j + n * GROUP];
#pragma unroll
                    for (int m = 0; m < ITEM_COLUMNS; m++) {
                        sums[n][m] = fma(value, x[m], sums[n][m]);
                    }
                }
            }
            barrier(CLK_LOCAL_MEM_FENCE);
        }
#pragma unroll
        for (int n = 0; n < ITEM_ROWS; n++) {
#pragma unroll
            for (int m = 0; m < ITEM_COLUMNS; m++) {
                tile[j + n * GROUP][i + m * GROUP] = sums[n][m];
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int r = item; r < ROWS_ && row + r < rows; r += GROUP * GROUP) {
            __global float* scores = similarities + (size_t)(row + r) * k;
            __global int* keys = indices + (size_t)(row + r) * k;
            for (int c = 0; c < COLUMNS && column + c < count; c++) {
                if (tile[r][c] > scores[k - 1]) {
                    insert(tile[r][c], firstKey + column + c, k, scores, keys);
                }
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}

#endif
