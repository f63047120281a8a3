#include "chunks.cl"
#include "matrix_units.cl"
#include "linear_panels.cl"

// Linear layer on matrix units: out = activation(x W^T + bias + residual), x and W rounded to 16 bits or to TF32, sums in
// 32-bit floats.
// Arguments and results are those of linear.cl; only x and the weights lie otherwise:
//   x [rows, rowChunks chunks] 16-bit or TF32 floats, zero past K: rounded once, not by each work group that reads it
//   panels [ceil(N / COLUMNS), ceil(K / STEPS), COLUMNS, STEPS] 16-bit or TF32 floats, zero past N and K
// So STEPS steps (a slice) of a tile of weights are in a row, as they are to lie in local memory, the words of a row so that
// a lane reads what it multiplies in two products, 16 bytes at once.
//
// A work group of WARPS = WARPS_DOWN * WARPS_ACROSS warps takes a tile of ROWS_ = 16 WARP_ROWS WARPS_DOWN rows and
// COLUMNS_ = 8 WARP_COLUMNS WARPS_ACROSS columns, and a warp of it 16 WARP_ROWS rows and 8 WARP_COLUMNS columns, whose
// sums stay in registers. Slices take turns in three places of local memory: while one is multiplied, the next two are
// on their way there, past the registers.
//   ROWS_ * 4 and COLUMNS_ * 4 are multiples of 32 WARPS, COLUMNS of COLUMNS_
//   global size: 32 WARPS * ceil(N / COLUMNS_), ceil(rows / ROWS_); local size: 32 WARPS, 1

#define WARPS (WARPS_DOWN * WARPS_ACROSS)
#define ROWS_ (16 * WARP_ROWS * WARPS_DOWN)
#define COLUMNS_ (8 * WARP_COLUMNS * WARPS_ACROSS)
#define ITEMS (WARP * WARPS)
#define PLACES 3
// Chunks of a slice: of x, then of W.
#define X_CHUNKS (ROWS_ * CHUNKS)
#define W_CHUNKS (COLUMNS_ * CHUNKS)
#define SLICE_CHUNKS (X_CHUNKS + W_CHUNKS)

// Kernels have names of their own, by which profiles tell them apart.
#if TF32 == 1
#define LINEAR linear_tf32
#else
#define LINEAR linear_matrix
#endif

// Rows of x that this item copies, and where it puts its chunk of them.
#define X_ROW(n) ((n) * (ITEMS / CHUNKS) + ITEM / CHUNKS)
#define X_PLACE(n) (X_ROW(n) * CHUNKS + SWIZZLE(X_ROW(n), ITEM % CHUNKS))

// Begins to copy this item's chunks of a slice; lastRow counts from the first row of x. Behind it that row is multiplied
// again, and not stored.
void start_slice(__global const uint4* x, int rowChunks, int lastRow, int slice_, __global const uint4* w,
                 __local uint4* place) {
    int chunk = slice_ * CHUNKS + ITEM % CHUNKS;
    UNROLL for (int n = 0; n < X_CHUNKS / ITEMS; n++) {
        start_copy_if(chunk < rowChunks, place + X_PLACE(n), x + (size_t)min(X_ROW(n), lastRow) * rowChunks + chunk);
    }
    UNROLL for (int n = 0; n < W_CHUNKS / ITEMS; n++) {
        start_copy(place + X_CHUNKS + n * ITEMS + ITEM, w + n * ITEMS + ITEM);
    }
}

void finish_slice(__global const uint4* x, int rowChunks, int lastRow, int slice_, __global const uint4* w,
                  __local uint4* place) {
    int chunk = slice_ * CHUNKS + ITEM % CHUNKS;
    UNROLL for (int n = 0; n < X_CHUNKS / ITEMS; n++) {
        FINISH_COPY_IF(chunk < rowChunks, place + X_PLACE(n), x + (size_t)min(X_ROW(n), lastRow) * rowChunks + chunk);
    }
    UNROLL for (int n = 0; n < W_CHUNKS / ITEMS; n++) {
        FINISH_COPY(place + X_CHUNKS + n * ITEMS + ITEM, w + n * ITEMS + ITEM);
    }
}

__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1)))
void LINEAR(__global const uint4* x, __global const uint4* panels, __global const float* bias,
            __global const float* residual, int hasResidual, int activation, int rows, int inputs, int outputs,
            int period, int skip, int rowChunks, __global activation_t* out) {
    __local uint4 places[PLACES * SLICE_CHUNKS];
    EXCHANGE(exchange);
    int slices = (inputs + STEPS - 1) / STEPS;
    int row = get_group_id(1) * ROWS_;
    int column = get_group_id(0) * COLUMNS_;
    int ownRow = WARP_OF / WARPS_ACROSS * 16 * WARP_ROWS;
    int ownColumn = WARP_OF % WARPS_ACROSS * 8 * WARP_COLUMNS;
    x += (size_t)row * rowChunks;
    int lastRow = rows - 1 - row;
    panels += ((size_t)(column / COLUMNS) * slices * COLUMNS + column % COLUMNS) * CHUNKS;
    size_t wSlice = COLUMNS * CHUNKS;

    for (int slice_ = 0; slice_ < PLACES - 1; slice_++) {
        if (slice_ < slices) {
            start_slice(x, rowChunks, lastRow, slice_, panels + slice_ * wSlice, places + slice_ * SLICE_CHUNKS);
        }
        end_group();
    }
    float4 sums[WARP_ROWS][WARP_COLUMNS];
    UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
        int c = column + ownColumn + 8 * m + 2 * T;
        UNROLL for (int n = 0; n < WARP_ROWS; n++) {
            sums[n][m] = (float4)(bias[c], bias[c + 1], bias[c], bias[c + 1]);
        }
    }
    int place = 0;
    for (int slice_ = 0; slice_ < slices; slice_++) {
        __local uint4* here = places + place * SLICE_CHUNKS;
        WAIT_FOR_GROUPS(1);
        finish_slice(x, rowChunks, lastRow, slice_, panels + slice_ * wSlice, here);
        // Now the slice is there, and nobody reads the one before any more.
        barrier(CLK_LOCAL_MEM_FENCE);
        int next = slice_ + PLACES - 1;
        int free_ = place == 0 ? PLACES - 1 : place - 1;
        if (next < slices) {
            start_slice(x, rowChunks, lastRow, next, panels + next * wSlice, places + free_ * SLICE_CHUNKS);
        }
        end_group();
        __local const uint4* rowsHere = here + ownRow * CHUNKS;
        __local const uint4* columnsHere = here + X_CHUNKS + (ownColumn + G) * CHUNKS + T;
        uint4 w[WARP_COLUMNS];
        UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
            w[m] = columnsHere[8 * m * CHUNKS];
        }
        UNROLL for (int n = 0; n < WARP_ROWS; n++) {
            uint4 first = load_a(rowsHere + 16 * n * CHUNKS, 0);
            uint4 second = load_a(rowsHere + 16 * n * CHUNKS, 1);
            UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
                sums[n][m] = MMA(first, w[m].xy, sums[n][m], exchange);
            }
            UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
                sums[n][m] = MMA(second, w[m].zw, sums[n][m], exchange);
            }
        }
        place = place == PLACES - 1 ? 0 : place + 1;
    }
    UNROLL for (int n = 0; n < WARP_ROWS; n++) {
        UNROLL for (int half_ = 0; half_ < 2; half_++) {
            int r = row + ownRow + 16 * n + 8 * half_ + G;
            if (r < rows) {
                __global activation_t* to = out + (size_t)(r + (r / period + 1) * skip) * outputs;
                __global const float* added = residual + (size_t)(r % period) * outputs;
                UNROLL for (int m = 0; m < WARP_COLUMNS; m++) {
                    int c = column + ownColumn + 8 * m + 2 * T;
                    float2 sum = half_ == 0 ? sums[n][m].xy : sums[n][m].zw;
                    if (c + 2 <= outputs && outputs % 2 == 0) {
                        float2 both = hasResidual ? *(__global const float2*)(added + c) : 0;
                        both += sum;
                        both.x = activate_one(both.x, activation);
                        both.y = activate_one(both.y, activation);
                        STORE_PAIR(both, to + c);
                    } else {
                        if (c < outputs) {
                            float one = activate_one(hasResidual ? sum.x + added[c] : sum.x, activation);
                            STORE_ACTIVATION(one, to + c);
                        }
                        if (c + 1 < outputs) {
                            float one = activate_one(hasResidual ? sum.y + added[c + 1] : sum.y, activation);
                            STORE_ACTIVATION(one, to + c + 1);
                        }
                    }
                }
            }
        }
    }
}
