// out = x / max(|x|, epsilon), |x| the Euclidean length of the row.
//   x, out [rows, channels]; out may be x
// Launch: row kernel (see common.cl).

__kernel void normalize_rows(__global const float* x, int rows, int channels, float epsilon, __global float* out) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        __global const float* from = x + (size_t)row * channels;
        __global float* to = out + (size_t)row * channels;
        floatV squares = 0;
        float square = 0;
        FOR_VECTORS(c, channels) { squares = fma(LOAD(from + c), LOAD(from + c), squares); }
        FOR_REST(c, channels) { square = fma(from[c], from[c], square); }
        float length_ = sqrt(LANES_SUM(square + vector_sum(squares), scratch));
        float factor = 1 / fmax(length_, epsilon);
        FOR_VECTORS(c, channels) { STORE(LOAD(from + c) * factor, to + c); }
        FOR_REST(c, channels) { to[c] = from[c] * factor; }
    }
}
