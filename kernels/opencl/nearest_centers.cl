// The chosen points, their nearest centres (squared Euclidean distance, the first one on a tie), and the sums and counts
// of each cluster: the first half of a step of mini-batch k-means (Sculley 2010).
//   points [N, channels]; chosen [M] int32, in 0..N-1: which points; centers [K, channels]
// The nearest centre c of x is the one with the largest x c - c^2 / 2: a linear layer (linear.cl) with the centres as
// weights and offsets as bias, and an argmax (argmax.cl). Sums are cluster_sums.cl's.
// Launch: row kernels (see common.cl).

// offsets[k] = -c_k^2 / 2; rows = K
__kernel void center_offsets(__global const float* centers, int rows, int channels, __global float* offsets) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        __global const float* center = centers + (size_t)row * channels;
        float square = LANES_SUM(row_dot(center, center, channels), scratch);
        if (LANE == 0) {
            offsets[row] = -0.5f * square;
        }
    }
}

// out[i] = points[chosen[first + i]]; out [rows, channels]
__kernel void gather_rows(__global const float* points, __global const int* chosen, int first, int rows, int channels,
                          __global float* out) {
    FOR_ROWS(row, rows) {
        __global const float* from = points + (size_t)chosen[first + row] * channels;
        __global float* to = out + (size_t)row * channels;
        FOR_VECTORS(c, channels) { STORE(LOAD(from + c), to + c); }
        FOR_REST(c, channels) { to[c] = from[c]; }
    }
}

// labels[first + i] = found[i]
//   global size: count
__kernel void put_labels(__global const int* found, int first, int count, __global int* labels) {
    int i = get_global_id(0);
    if (i < count) {
        labels[first + i] = found[i];
    }
}
