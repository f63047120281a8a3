// Sums of partial results, for losses: compensated (Kahan 1965, Neumaier 1974), so that a million terms are as accurate as
// one, and in an order that depends on the number of terms alone.

// out[0] = factor * sum of values.
//   values [count]
//   One work group: global and local size: LANES
__kernel void sum_values(__global const float* values, int count, float factor, __global float* out) {
    LANE_SCRATCH(scratch);
    floatV sums = 0;
    floatV lost = 0;
    float sum = 0;
    FOR_VECTORS(i, count) {
        floatV x = LOAD(values + i);
        floatV next = sums + x;
        lost += fabs(sums) >= fabs(x) ? (sums - next) + x : (x - next) + sums;
        sums = next;
    }
    FOR_REST(i, count) { sum += values[i]; }
    float total = LANES_SUM(vector_sum(sums), scratch);
    total += LANES_SUM(sum + vector_sum(lost), scratch);
    if (LANE == 0) {
        out[0] = factor * total;
    }
}

// sums[c] of each chunk = sum of its rows; partials [chunks, columns].
//   x [rows, columns]; chunk j has the rows from j * chunk on
//   global size: ceil(columns / V), chunks
__kernel void sum_columns(__global const float* x, int rows, int columns, int chunk, __global float* partials) {
    int c = get_global_id(0) * V;
    int first = get_global_id(1) * chunk;
    int last = min(rows, first + chunk);
    if (c >= columns) {
        return;
    }
    __global float* to = partials + (size_t)get_global_id(1) * columns;
    if (c + V <= columns) {
        floatV sum = 0;
        for (int row = first; row < last; row++) {
            sum += LOAD(x + (size_t)row * columns + c);
        }
        STORE(sum, to + c);
    } else {
        for (; c < columns; c++) {
            float sum = 0;
            for (int row = first; row < last; row++) {
                sum += x[(size_t)row * columns + c];
            }
            to[c] = sum;
        }
    }
}

// out = the chunks' sums, added first to last; kept is 1 if to what is there, 0 if to nothing.
//   partials [chunks, size]
//   global size: ceil(size / V)
__kernel void add_chunks(__global const float* partials, int chunks, int size, int kept, __global float* out) {
    int c = get_global_id(0) * V;
    if (c + V <= size) {
        floatV sum = kept ? LOAD(out + c) : TO_V(0.0f);
        for (int j = 0; j < chunks; j++) {
            sum += LOAD(partials + (size_t)j * size + c);
        }
        STORE(sum, out + c);
    } else {
        for (; c < size; c++) {
            float sum = kept ? out[c] : 0;
            for (int j = 0; j < chunks; j++) {
                sum += partials[(size_t)j * size + c];
            }
            out[c] = sum;
        }
    }
}
