// The mean over rows of -(a . b), and its gradient for a, -b / rows.
//   a, b, gradA [rows, channels]; products [rows]: a . b, which sum.cl adds up; factor: -weight / rows
// Launch: row kernel (see common.cl).

__kernel void agreement_loss(__global const float* a, __global const float* b, int rows, int channels, float factor,
                             __global float* gradA, __global float* products) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        __global const float* x = a + (size_t)row * channels;
        __global const float* y = b + (size_t)row * channels;
        __global float* to = gradA + (size_t)row * channels;
        float product = LANES_SUM(row_dot(x, y, channels), scratch);
        if (LANE == 0) {
            products[row] = product;
        }
        FOR_VECTORS(c, channels) { STORE(LOAD(y + c) * factor, to + c); }
        FOR_REST(c, channels) { to[c] = factor * y[c]; }
    }
}
