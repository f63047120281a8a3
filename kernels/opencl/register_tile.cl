// The register tile of matrix products on a GPU (TILED 1), in front of linear.cl and product.cl.
//
// A work group of GROUP x GROUP items makes a tile of GROUP_ROWS x GROUP_COLUMNS sums, an item ITEM_ROWS x ITEM_COLUMNS
// of them in blocks of 4 x 4: item (i, j) has rows 4 j + r + 4 GROUP n and columns 4 i + c + 4 GROUP m, r and c from 0
// to 3. Operands come through local memory, DEPTH steps at a time (a slice):
//   left [DEPTH][STRIDE]: the rows of a step; right [DEPTH][GROUP_COLUMNS]: the columns of a step
// Slices alternate between two places. While one is multiplied, the next is on its way from global memory to registers,
// and one barrier a slice is enough. The first slice is the short one, filled up with zeros: so the others are whole.
// Behind the last row the last one is multiplied again, and not stored.
//
// 32 items in a row are 8 across and 4 down. They read 128 bytes in a row of the right operand and 64 of the left at
// once, 16 bytes each, and store the left one, which is transposed on its way, to 32 banks.
//   weight_t, LOAD_QUAD(panel, at), operand(x): what the right operand is made of, and to what the left one is rounded
//   GROUP is a multiple of 8, ITEM_ROWS and ITEM_COLUMNS of 4, DEPTH of 8 and such that RIGHT is whole

#define GROUP_ROWS (GROUP * ITEM_ROWS)
#define GROUP_COLUMNS (GROUP * ITEM_COLUMNS)
#define ITEMS (GROUP * GROUP)
#define ITEM ((int)(get_local_id(1) * GROUP + get_local_id(0)))
#define TILE_I (ITEM % 8 + ITEM / 32 % (GROUP / 8) * 8)
#define TILE_J (ITEM % 32 / 8 + ITEM / (4 * GROUP) * 4)
#define COLUMN_QUADS (ITEM_COLUMNS / 4)
// Four floats more than rows keep the stores of the transpose out of one bank.
#define STRIDE (GROUP_ROWS + 4)
// Floats of the left operand, and quads of the right one, that an item moves.
#define LEFT (GROUP_ROWS * DEPTH / ITEMS)
#define RIGHT (GROUP_COLUMNS / 4 * DEPTH / ITEMS)

// Quad `at` of the tile's share of a panel, which may be a half of it.
#define QUAD(panel, at) LOAD_QUAD(panel, (at) / (GROUP_COLUMNS / 4) * (COLUMNS / 4) + (at) % (GROUP_COLUMNS / 4))

#define TILE_ROW(n) (4 * TILE_J + (n) % 4 + (n) / 4 * 4 * GROUP)
#define TILE_COLUMN(m) (4 * (TILE_I + (m) * GROUP))

#define INLINE __attribute__((always_inline))

// Chooses this item's share of a slice of the left operand, whose element (r, k) is at r * rowStep + k * depthStep:
// neighbours read neighbours, whichever way it lies. `from` count from the slice's first element, `to` are places in
// local memory.
INLINE void choose_left(int rows, int rowStep, int depthStep, int* from, int* to) {
#pragma unroll
    for (int n = 0; n < LEFT; n++) {
        int at = n * ITEMS + ITEM;
        int r = depthStep == 1 ? at / 8 % GROUP_ROWS : at % GROUP_ROWS;
        int d = depthStep == 1 ? at % 8 + at / (8 * GROUP_ROWS) * 8 : at / GROUP_ROWS;
        from[n] = min(r, rows - 1) * rowStep + d * depthStep;
        to[n] = d * STRIDE + r;
    }
}

// sums += left right, of a slice.
INLINE void multiply_slice(__local const float4* left, __local const float4* right, float4 (*sums)[COLUMN_QUADS]) {
    left += TILE_J;
    right += TILE_I;
#pragma unroll
    for (int d = 0; d < DEPTH; d++) {
        float4 x[COLUMN_QUADS];
#pragma unroll
        for (int m = 0; m < COLUMN_QUADS; m++) {
            x[m] = right[d * (GROUP_COLUMNS / 4) + m * GROUP];
        }
#pragma unroll
        for (int n = 0; n < ITEM_ROWS; n += 4) {
            float4 values = left[d * (STRIDE / 4) + n / 4 * GROUP];
#pragma unroll
            for (int m = 0; m < COLUMN_QUADS; m++) {
                sums[n][m] = fma(values.xxxx, x[m], sums[n][m]);
                sums[n + 1][m] = fma(values.yyyy, x[m], sums[n + 1][m]);
                sums[n + 2][m] = fma(values.zzzz, x[m], sums[n + 2][m]);
                sums[n + 3][m] = fma(values.wwww, x[m], sums[n + 3][m]);
            }
        }
    }
}

// sums += left right, of a tile.
//   left: from the tile's first row on, see choose_left, `rows` up to its end, depth steps; right: a panel from the tile's first column on, COLUMNS to a step
//   lefts [2 DEPTH STRIDE / 4], rights [2 DEPTH GROUP_COLUMNS / 4]
INLINE void multiply_tile(__global const float* left, int rows, int rowStep, int depthStep,
                          __global const weight_t* right, int depth, __local float4* lefts, __local float4* rights,
                          float4 (*sums)[COLUMN_QUADS]) {
    int from[LEFT];
    int to[LEFT];
    choose_left(rows, rowStep, depthStep, from, to);
    float x[LEFT];
    float4 y[RIGHT];
    int next = (depth + DEPTH - 1) % DEPTH + 1;
#pragma unroll
    for (int n = 0; n < LEFT; n++) {
        x[n] = to[n] < next * STRIDE ? left[from[n]] : 0;
    }
#pragma unroll
    for (int n = 0; n < RIGHT; n++) {
        int at = n * ITEMS + ITEM;
        y[n] = at < next * (GROUP_COLUMNS / 4) ? QUAD(right, at) : 0;
    }
    left += (size_t)next * depthStep;
    right += (size_t)next * COLUMNS;
    int place = 0;
    bool more;
    do {
        __local float4* leftHere = lefts + place * (DEPTH * STRIDE / 4);
        __local float4* rightHere = rights + place * (DEPTH * GROUP_COLUMNS / 4);
#pragma unroll
        for (int n = 0; n < LEFT; n++) {
            ((__local float*)leftHere)[to[n]] = operand(x[n]);
        }
#pragma unroll
        for (int n = 0; n < RIGHT; n++) {
            rightHere[n * ITEMS + ITEM] = y[n];
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        more = next < depth;
        if (more) {
#pragma unroll
            for (int n = 0; n < LEFT; n++) {
                x[n] = left[from[n]];
            }
#pragma unroll
            for (int n = 0; n < RIGHT; n++) {
                y[n] = QUAD(right, n * ITEMS + ITEM);
            }
            left += (size_t)DEPTH * depthStep;
            right += (size_t)DEPTH * COLUMNS;
        }
        multiply_slice(leftHere, rightHere, sums);
        next += DEPTH;
        place ^= 1;
    } while (more);
}
