// Bilinear resize, align_corners false, no antialiasing: source coordinate max(0, (i + 1/2) h / H - 1/2), the upper
// neighbour clamped to the border.
//   x [B, h, w, C], out [B, H, W, C]; rows = B H W
// The coordinate is ((2 i + 1) h - H) / (2 H): in integers, so that its fraction is right to the last bit.
// Launch: row kernel over out (see common.cl).

// Splits the source coordinate of output i into the lower neighbour and the weight of the upper one.
int source(int i, int from, int to, float* weight) {
    long numerator = max((long)0, (long)(2 * i + 1) * from - to);
    long denominator = 2 * (long)to;
    int lower = (int)(numerator / denominator);
    *weight = (float)(numerator % denominator) / (float)denominator;
    return lower;
}

__kernel void bilinear(__global const float* x, int rows, int height, int width, int channels, int outHeight,
                       int outWidth, __global float* out) {
    FOR_ROWS(row, rows) {
        float fy;
        float fx;
        int y0 = source(row / outWidth % outHeight, height, outHeight, &fy);
        int x0 = source(row % outWidth, width, outWidth, &fx);
        int y1 = min(y0 + 1, height - 1);
        int x1 = min(x0 + 1, width - 1);
        __global const float* image = x + (size_t)(row / outWidth / outHeight) * height * width * channels;
        __global const float* p00 = image + (size_t)(y0 * width + x0) * channels;
        __global const float* p01 = image + (size_t)(y0 * width + x1) * channels;
        __global const float* p10 = image + (size_t)(y1 * width + x0) * channels;
        __global const float* p11 = image + (size_t)(y1 * width + x1) * channels;
        __global float* to = out + (size_t)row * channels;
        FOR_VECTORS(c, channels) {
            floatV upper = fma(TO_V(fx), LOAD(p01 + c), LOAD(p00 + c) * (1 - fx));
            floatV lower = fma(TO_V(fx), LOAD(p11 + c), LOAD(p10 + c) * (1 - fx));
            STORE(fma(TO_V(fy), lower, upper * (1 - fy)), to + c);
        }
        FOR_REST(c, channels) {
            float upper = fma(fx, p01[c], p00[c] * (1 - fx));
            float lower = fma(fx, p11[c], p10[c] * (1 - fx));
            to[c] = fma(fy, lower, upper * (1 - fy));
        }
    }
}
