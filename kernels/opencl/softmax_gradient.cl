// Backward of softmax: scale y (g - y . g), y being its output.
//   y, gradOut (g), gradX [rows, channels]; gradX may be gradOut
// Launch: row kernel (see common.cl).

__kernel void softmax_gradient(__global const float* y, __global const float* gradOut, int rows, int channels,
                               float scale, __global float* gradX) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        __global const float* from = y + (size_t)row * channels;
        __global const float* g = gradOut + (size_t)row * channels;
        __global float* to = gradX + (size_t)row * channels;
        float mean = LANES_SUM(row_dot(from, g, channels), scratch);
        FOR_VECTORS(c, channels) { STORE(scale * LOAD(from + c) * (LOAD(g + c) - mean), to + c); }
        FOR_REST(c, channels) { to[c] = scale * from[c] * (g[c] - mean); }
    }
}
