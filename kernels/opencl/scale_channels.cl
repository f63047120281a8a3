// out[b, p, c] = x[b, p, c] factors[b, c]: dropout of whole channels, its mask given.
//   x, out [B, P, channels], out may be x; factors [B, channels]; rows = B P, perImage = P
// Launch: row kernel (see common.cl).

__kernel void scale_channels(__global const float* x, __global const float* factors, int rows, int channels,
                             int perImage, __global float* out) {
    FOR_ROWS(row, rows) {
        __global const float* from = x + (size_t)row * channels;
        __global const float* factor = factors + (size_t)(row / perImage) * channels;
        __global float* to = out + (size_t)row * channels;
        FOR_VECTORS(c, channels) { STORE(LOAD(from + c) * LOAD(factor + c), to + c); }
        FOR_REST(c, channels) { to[c] = from[c] * factor[c]; }
    }
}
