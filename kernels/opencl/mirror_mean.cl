// Mean of an image of features and of its mirror image's, flipped back:
// out[y, x] = (a[0, y, x] + a[1, y, w - 1 - x]) / 2.
//   a [2, h, w, C], out [h, w, C]; rows = h w
// Launch: row kernel over out (see common.cl).

__kernel void mirror_mean(__global const float* a, int rows, int width, int channels, __global float* out) {
    FOR_ROWS(row, rows) {
        int mirrored = rows + row / width * width + width - 1 - row % width;
        __global const float* first = a + (size_t)row * channels;
        __global const float* second = a + (size_t)mirrored * channels;
        __global float* to = out + (size_t)row * channels;
        FOR_VECTORS(c, channels) { STORE((LOAD(first + c) + LOAD(second + c)) * 0.5f, to + c); }
        FOR_REST(c, channels) { to[c] = (first[c] + second[c]) * 0.5f; }
    }
}
