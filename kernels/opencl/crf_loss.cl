// CRF loss: the mean over images and pairs of points (i, j) of -affinity (c_i . c_j). With K the matrix of affinities,
// K c (product.cl) gives both: the loss is -sum c . K c / n^2, the gradient -2 K c / n^2. K exists some rows at a time.
//   guidance [B, size, colours], code [B, size, channels], size = height width
//   points [2, n] int32: rows, then columns, the same of every image

// The points: places [B, 2 + colours, n] (row, column, colours: planes, so that a vector is a run of points)
// and codes [B, n, channels].
// Launch: row kernel over the B n points (see common.cl).
__kernel void select_points(__global const float* guidance, __global const float* code, __global const int* points,
                            int rows, int n, int size, int width, int colours, int channels, __global float* places,
                            __global float* codes) {
    FOR_ROWS(row, rows) {
        int i = row % n;
        size_t pixel = (size_t)(row / n) * size + points[i] * width + points[n + i];
        __global float* plane = places + (size_t)(row / n) * (2 + colours) * n + i;
        for (int g = LANE; g < 2 + colours; g += LANES) {
            plane[(size_t)g * n] = g < 2 ? points[g * n + i] : guidance[pixel * colours + g - 2];
        }
        __global const float* from = code + pixel * channels;
        __global float* to = codes + (size_t)row * channels;
        FOR_VECTORS(c, channels) { STORE(LOAD(from + c), to + c); }
        FOR_REST(c, channels) { to[c] = from[c]; }
    }
}

#define AFFINITY(T, GET, j)                                                                                            \
    T distance_ = 0;                                                                                                   \
    T colour = 0;                                                                                                      \
    for (int g = 0; g < planes; g++) {                                                                                 \
        T difference = GET(place + (size_t)g * n + (j)) - place[(size_t)g * n + i];                                    \
        if (g < 2) {                                                                                                   \
            distance_ += difference * difference;                                                                      \
        } else {                                                                                                       \
            colour += difference * difference;                                                                         \
        }                                                                                                              \
    }                                                                                                                  \
    T affinity_ = w1 * exponential(-distance_ * nearby - colour * alike) + w2 * exponential(-distance_ * beside) - shift;
#define GET_ONE(p) (*(p))

// Some rows of K: w1 exp(-distance nearby - colour alike) + w2 exp(-distance beside) - shift.
//   out [B, count, n]: the points first to first + count - 1 of each image against all; rows = B count;
//   planes = 2 + colours
// Launch: row kernel over out (see common.cl).
__kernel void affinities(__global const float* places, int rows, int count, int first, int n, int planes, float nearby,
                         float alike, float beside, float w1, float w2, float shift, __global float* out) {
    FOR_ROWS(row, rows) {
        int i = first + row % count;
        __global const float* place = places + (size_t)(row / count) * planes * n;
        __global float* to = out + (size_t)row * n;
        FOR_VECTORS(j, n) {
            AFFINITY(floatV, LOAD, j)
            STORE(affinity_, to + j);
        }
        FOR_REST(j, n) {
            AFFINITY(float, GET_ONE, j)
            to[j] = affinity_;
        }
    }
}

// products[row] = codes . K c; sum.cl adds them up.
//   codes, moved (K c) [rows, channels]
// Launch: row kernel (see common.cl).
__kernel void code_products(__global const float* codes, __global const float* moved, int rows, int channels,
                            __global float* products) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        size_t first = (size_t)row * channels;
        float product = LANES_SUM(row_dot(codes + first, moved + first, channels), scratch);
        if (LANE == 0) {
            products[row] = product;
        }
    }
}

// gradCode[pixel of point i] += factor moved[i], gradCode being zero before. No atomics, though a point may be drawn
// twice: an item owns some channels of an image, and goes through the points in order.
//   global size: ceil(channels / V), B
__kernel void scatter_points(__global const float* moved, __global const int* points, int n, int size, int width,
                             int channels, float factor, __global float* gradCode) {
    int c = get_global_id(0) * V;
    size_t image = get_global_id(1);
    if (c >= channels) {
        return;
    }
    for (int i = 0; i < n; i++) {
        __global const float* from = moved + (image * n + i) * channels;
        __global float* to = gradCode + (image * size + points[i] * width + points[n + i]) * channels;
        if (c + V <= channels) {
            STORE(fma(TO_V(factor), LOAD(from + c), LOAD(to + c)), to + c);
        } else {
            for (int rest = c; rest < channels; rest++) {
                to[rest] = fma(factor, from[rest], to[rest]);
            }
        }
    }
}
