// Bilinear samples at given points, align_corners true, points outside moved to the border (PyTorch's grid_sample), and
// the backward with respect to the image.
//   x, gradX [A, h, w, channels]; images [N] int32, in 0..A-1; coords [N, perSample, 2]: x, then y, from -1 to 1;
//   out, gradOut [N, perSample, channels]
// Coordinates are computed in float and in PyTorch's order of operations, so that a point falls between the same pixels.

typedef struct {
    int left;
    int right;
    int top;
    int bottom;
    float wx;
    float wy;
} Corners;

// Not a number goes to the first pixel.
float inside(float position, int size) {
    return position > 0 ? fmin(position, (float)(size - 1)) : 0;
}

Corners corners_at(__global const float* coords, int point, int height, int width) {
    float x = inside((coords[2 * point] + 1) / 2 * (width - 1), width);
    float y = inside((coords[2 * point + 1] + 1) / 2 * (height - 1), height);
    Corners c;
    c.left = (int)x;
    c.top = (int)y;
    c.right = min(c.left + 1, width - 1);
    c.bottom = min(c.top + 1, height - 1);
    c.wx = x - c.left;
    c.wy = y - c.top;
    return c;
}

// Launch: row kernel over out, rows = N perSample (see common.cl).
__kernel void grid_sample(__global const float* x, __global const int* images, __global const float* coords, int rows,
                          int channels, int perSample, int height, int width, __global float* out) {
    FOR_ROWS(row, rows) {
        Corners p = corners_at(coords, row, height, width);
        __global const float* image = x + (size_t)images[row / perSample] * height * width * channels;
        __global const float* a = image + (size_t)(p.top * width + p.left) * channels;
        __global const float* b = image + (size_t)(p.top * width + p.right) * channels;
        __global const float* c = image + (size_t)(p.bottom * width + p.left) * channels;
        __global const float* d = image + (size_t)(p.bottom * width + p.right) * channels;
        float wa = (1 - p.wx) * (1 - p.wy);
        float wb = p.wx * (1 - p.wy);
        float wc = (1 - p.wx) * p.wy;
        float wd = p.wx * p.wy;
        __global float* to = out + (size_t)row * channels;
        FOR_VECTORS(i, channels) {
            STORE(LOAD(a + i) * wa + LOAD(b + i) * wb + LOAD(c + i) * wc + LOAD(d + i) * wd, to + i);
        }
        FOR_REST(i, channels) { to[i] = a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd; }
    }
}

// sum += factor x, this lane's channels.
void add_row(__global const float* x, int channels, float factor, __global float* sum) {
    FOR_VECTORS(c, channels) { STORE(fma(TO_V(factor), LOAD(x + c), LOAD(sum + c)), sum + c); }
    FOR_REST(c, channels) { sum[c] = fma(factor, x[c], sum[c]); }
}

// gradX, added to. In gather form, no atomics: a work group owns a line of an image, goes through all samples of that
// image in order, and takes from each point what belongs to its line; a lane owns its channels.
// Launch: row kernel over the A h lines of gradX (see common.cl).
__kernel void grid_sample_gradient(__global const float* gradOut, __global const int* images,
                                   __global const float* coords, int rows, int channels, int samples, int perSample,
                                   int height, int width, __global float* gradX) {
    FOR_ROWS(row, rows) {
        int y = row % height;
        __global float* line = gradX + (size_t)row * width * channels;
        for (int sample = 0; sample < samples; sample++) {
            if (images[sample] != row / height) {
                continue;
            }
            for (int point = sample * perSample; point < (sample + 1) * perSample; point++) {
                Corners p = corners_at(coords, point, height, width);
                float weight = (p.top == y ? 1 - p.wy : 0) + (p.bottom == y ? p.wy : 0);
                if (weight != 0) {
                    __global const float* g = gradOut + (size_t)point * channels;
                    add_row(g, channels, weight * (1 - p.wx), line + (size_t)p.left * channels);
                    add_row(g, channels, weight * p.wx, line + (size_t)p.right * channels);
                }
            }
        }
    }
}
