// Bicubic resize with a = -0.75, align_corners false, borders repeated: source coordinate (i + 1/2) / scale - 1/2, with
// the scale given, not the ratio of the sizes.
//   x [B, h, w, C], out [B, H, W, C]; rows = B H W
// 1 / scale comes as the sum of two floats: an error of the coordinate is an error of the result.
// Launch: row kernel over out (see common.cl).

// The first of the four taps of output i, and their weights.
int taps(int i, float inverse, float inverseRest, float4* weights) {
    float t = i + 0.5f;
    float product = t * inverse;
    float rest = fma(t, inverse, -product) + t * inverseRest;
    float cell = floor(product - 0.5f);
    float f = (product - 0.5f - cell) + rest;
    if (f < 0) {
        cell -= 1;
        f += 1;
    } else if (f >= 1) {
        cell += 1;
        f -= 1;
    }
    const float a = -0.75f;
    float4 d = (float4)(f + 1, f, 1 - f, 2 - f);
    float4 near_ = ((a + 2) * d - (a + 3)) * d * d + 1;
    float4 far_ = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    *weights = (float4)(far_.s0, near_.s1, near_.s2, far_.s3);
    return (int)cell - 1;
}

__kernel void bicubic(__global const float* x, int rows, int height, int width, int channels, int outHeight,
                      int outWidth, float inverseY, float inverseRestY, float inverseX, float inverseRestX,
                      __global float* out) {
    FOR_ROWS(row, rows) {
        float4 wy;
        float4 wx;
        int y0 = taps(row / outWidth % outHeight, inverseY, inverseRestY, &wy);
        int x0 = taps(row % outWidth, inverseX, inverseRestX, &wx);
        float weightsY[4] = {wy.s0, wy.s1, wy.s2, wy.s3};
        float weightsX[4] = {wx.s0, wx.s1, wx.s2, wx.s3};
        __global const float* image = x + (size_t)(row / outWidth / outHeight) * height * width * channels;
        __global float* to = out + (size_t)row * channels;
        FOR_VECTORS(c, channels) {
            floatV sum = 0;
            for (int i = 0; i < 4; i++) {
                __global const float* line = image + (size_t)clamp(y0 + i, 0, height - 1) * width * channels + c;
                floatV across = 0;
                for (int j = 0; j < 4; j++) {
                    across = fma(TO_V(weightsX[j]), LOAD(line + clamp(x0 + j, 0, width - 1) * channels), across);
                }
                sum = fma(TO_V(weightsY[i]), across, sum);
            }
            STORE(sum, to + c);
        }
        FOR_REST(c, channels) {
            float sum = 0;
            for (int i = 0; i < 4; i++) {
                __global const float* line = image + (size_t)clamp(y0 + i, 0, height - 1) * width * channels + c;
                float across = 0;
                for (int j = 0; j < 4; j++) {
                    across = fma(weightsX[j], line[clamp(x0 + j, 0, width - 1) * channels], across);
                }
                sum = fma(weightsY[i], across, sum);
            }
            to[c] = sum;
        }
    }
}
