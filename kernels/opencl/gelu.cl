// Exact GELU, x/2 (1 + erf(x / sqrt 2)), element by element (Hendrycks and Gimpel 2016).
//   x, out [rows, channels]; out may be x
// Launch: row kernel (see common.cl).

__kernel void gelu(__global const float* x, int rows, int channels, __global float* out) {
    FOR_ROWS(row, rows) {
        __global const float* from = x + (size_t)row * channels;
        __global float* to = out + (size_t)row * channels;
        FOR_VECTORS(c, channels) { STORE(gelu_(LOAD(from + c)), to + c); }
        FOR_REST(c, channels) { to[c] = gelu_(from[c]); }
    }
}
