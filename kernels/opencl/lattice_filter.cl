// Gaussian filter over a permutohedral lattice (lattice.cl), symmetrically normalised: splat, blur along each axis with
// (1/2, 1, 1/2), slice. Norm and gain are part of the weights.
// A row of values is `width` floats: the channels, padded with zeros to whole vectors. The row after the last vertex
// is zero: the neighbour where there is none.
// Launch: row kernels over vertices or points (see common.cl), two vectors of a row at a time.

#define FOR_PAIRS(c, width) for (int c = LANE * V; c < width; c += 2 * LANES * V)
#define SECOND(c) ((c) + LANES * V)

// Rows of `channels` floats to rows of `width`: zero past the channels if it is more, cut off if it is less.
__kernel void pad_rows(__global const float* x, int rows, int channels, int width, __global float* out) {
    FOR_ROWS(row, rows) {
        for (int c = LANE; c < width; c += LANES) {
            out[(size_t)row * width + c] = c < channels ? x[(size_t)row * channels + c] : 0;
        }
    }
}

// values[v] = sum of weight * x[point] over what splats into v.
//   x [points, width], starts [vertices + 1], splatPoints, splatWeights [entries], values [vertices + 1, width];
//   rows = vertices + 1
__kernel void splat(__global const float* x, __global const int* starts, __global const int* splatPoints,
                    __global const float* splatWeights, int rows, int width, __global float* values) {
    FOR_ROWS(v, rows) {
        int first = starts[v];
        int last = v < rows - 1 ? starts[v + 1] : first;
        FOR_PAIRS(c, width) {
            __global const float* from = x + c;
            __global float* to = values + (size_t)v * width + c;
            floatV low = 0;
            if (SECOND(c) < width) {
                floatV high = 0;
                for (int i = first; i < last; i++) {
                    floatV weight = TO_V(splatWeights[i]);
                    __global const float* row = from + (size_t)splatPoints[i] * width;
                    low = fma(weight, LOAD(row), low);
                    high = fma(weight, LOAD(row + LANES * V), high);
                }
                STORE(high, to + LANES * V);
            } else {
                for (int i = first; i < last; i++) {
                    low = fma(TO_V(splatWeights[i]), LOAD(from + (size_t)splatPoints[i] * width), low);
                }
            }
            STORE(low, to);
        }
    }
}

// out[v] = values[v] + (values[before] + values[after]) / 2 along one axis.
//   neighbours [axes, vertices, 2]; rows = vertices + 1
__kernel void blur(__global const float* values, __global const int* neighbours, int axis, int rows, int width,
                   __global float* out) {
    neighbours += (size_t)axis * 2 * (rows - 1);
    FOR_ROWS(v, rows) {
        __global const float* own = values + (size_t)v * width;
        __global float* to = out + (size_t)v * width;
        if (v < rows - 1) {
            __global const float* before = values + (size_t)neighbours[2 * v] * width;
            __global const float* after = values + (size_t)neighbours[2 * v + 1] * width;
            for (int c = LANE * V; c < width; c += LANES * V) {
                STORE(fma(TO_V(0.5f), LOAD(before + c) + LOAD(after + c), LOAD(own + c)), to + c);
            }
        } else {
            for (int c = LANE * V; c < width; c += LANES * V) {
                STORE(TO_V(0.0f), to + c);
            }
        }
    }
}

// Two blurs in one pass, along `axis` and the one after it, to the same bits as one after the other.
__kernel void blur_pair(__global const float* values, __global const int* neighbours, int axis, int rows, int width,
                        __global float* out) {
    int vertices = rows - 1;
    __global const int* first = neighbours + (size_t)axis * 2 * vertices;
    __global const int* second = first + (size_t)2 * vertices;
    FOR_ROWS(v, rows) {
        // Three rows to blur along the first axis: the row before v along the second, v, and the row after it. Where there is no
        // vertex, the row of zeros and its neighbours, which are itself.
        int own[3] = {v < vertices ? second[2 * v] : v, v, v < vertices ? second[2 * v + 1] : v};
        __global const float* from[3][3];
#pragma unroll
        for (int i = 0; i < 3; i++) {
            bool there = own[i] < vertices;
            from[i][0] = values + (size_t)(there ? first[2 * own[i]] : vertices) * width;
            from[i][1] = values + (size_t)own[i] * width;
            from[i][2] = values + (size_t)(there ? first[2 * own[i] + 1] : vertices) * width;
        }
        for (int c = LANE * V; c < width; c += LANES * V) {
            floatV blurred[3];
#pragma unroll
            for (int i = 0; i < 3; i++) {
                blurred[i] = fma(TO_V(0.5f), LOAD(from[i][0] + c) + LOAD(from[i][2] + c), LOAD(from[i][1] + c));
            }
            STORE(fma(TO_V(0.5f), blurred[0] + blurred[2], blurred[1]), out + (size_t)v * width + c);
        }
    }
}

// out[p] = sum over its corners.
//   vertices, weights [points, corners], out [points, channels]
__kernel void slice_rows(__global const float* values, __global const int* vertices, __global const float* weights,
                         int rows, int corners, int width, int channels, __global float* out) {
    FOR_ROWS(p, rows) {
        for (int c = LANE; c < channels; c += LANES) {
            float sum = 0;
            for (size_t e = (size_t)p * corners; e < (size_t)(p + 1) * corners; e++) {
                sum = fma(weights[e], values[(size_t)vertices[e] * width + c], sum);
            }
            out[(size_t)p * channels + c] = sum;
        }
    }
}
