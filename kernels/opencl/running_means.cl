// totals += counts, then means += (sums - counts means) / totals where totals are not 0: the second half of a step of
// mini-batch k-means (Sculley 2010).
//   sums, means [rows, channels]; counts, totals [rows] int32

// totals += counts; stops at the largest number there is.
//   global size: rows
__kernel void add_counts(__global const int* counts, int rows, __global int* totals) {
    int row = get_global_id(0);
    if (row < rows) {
        totals[row] = add_sat(totals[row], counts[row]);
    }
}

// Behind add_counts. Launch: row kernel (see common.cl).
__kernel void running_means(__global const float* sums, __global const int* counts, __global const int* totals,
                            int rows, int channels, __global float* means) {
    FOR_ROWS(row, rows) {
        if (totals[row] > 0) {
            float count = counts[row];
            float factor = 1 / (float)totals[row];
            __global const float* from = sums + (size_t)row * channels;
            __global float* to = means + (size_t)row * channels;
            FOR_VECTORS(c, channels) {
                floatV mean = LOAD(to + c);
                STORE(fma(fma(TO_V(-count), mean, LOAD(from + c)), TO_V(factor), mean), to + c);
            }
            FOR_REST(c, channels) { to[c] = fma(fma(-count, to[c], from[c]), factor, to[c]); }
        }
    }
}
