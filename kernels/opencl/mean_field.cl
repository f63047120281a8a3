// Mean-field inference in a dense CRF with Potts compatibility (Kraehenbuehl and Koltun 2011, algorithm 1):
// Q = softmax(logits), then Q = softmax(logits + sum of weights[i] filter_i(Q)) again and again. Splatting and blurring
// are lattice_filter.cl's; slicing, adding up and the softmax are one kernel here.
// A row is `width` floats: the channels, padded to whole vectors; marginals are zero there, logits -infinity.
// Launch: row kernels over points (see common.cl), two vectors of a row at a time.

#define FOR_PAIRS(c, width) for (int c = LANE * V; c < width; c += 2 * LANES * V)
#define SECOND(c) ((c) + LANES * V)

// The logits, padded with -infinity.
__kernel void pad_logits(__global const float* logits, int rows, int channels, int width, __global float* out) {
    FOR_ROWS(row, rows) {
        for (int c = LANE; c < width; c += LANES) {
            out[(size_t)row * width + c] = c < channels ? logits[(size_t)row * channels + c] : -INFINITY;
        }
    }
}

// The sum that a point takes from the corners of its simplex, added to low (channels c ...) and high (SECOND(c) ...).
void slice_point(__global const float* values, __global const int* vertices, __global const float* weights,
                 int corners, float scale, size_t point, int width, int c, floatV* low, floatV* high) {
    for (size_t e = point * corners; e < (point + 1) * corners; e++) {
        floatV weight = TO_V(scale * weights[e]);
        __global const float* row = values + (size_t)vertices[e] * width + c;
        *low = fma(weight, LOAD(row), *low);
        if (SECOND(c) < width) {
            *high = fma(weight, LOAD(row + LANES * V), *high);
        }
    }
}

// sum = base + scaleA sliceA + scaleB sliceB in a row, this lane's channels of which go to `to`; the largest of them.
// A lattice with no corners is left out.
floatV add_slices(__global const float* base, __global const float* valuesA, __global const int* verticesA,
                  __global const float* weightsA, int cornersA, float scaleA, __global const float* valuesB,
                  __global const int* verticesB, __global const float* weightsB, int cornersB, float scaleB, size_t p,
                  int width, __global float* to) {
    floatV maxima = -INFINITY;
    FOR_PAIRS(c, width) {
        floatV low = LOAD(base + p * width + c);
        floatV high = -INFINITY;
        if (SECOND(c) < width) {
            high = LOAD(base + p * width + SECOND(c));
        }
        slice_point(valuesA, verticesA, weightsA, cornersA, scaleA, p, width, c, &low, &high);
        slice_point(valuesB, verticesB, weightsB, cornersB, scaleB, p, width, c, &low, &high);
        STORE(low, to + c);
        if (SECOND(c) < width) {
            STORE(high, to + SECOND(c));
        }
        maxima = fmax(maxima, fmax(low, high));
    }
    return maxima;
}

#define SLICES                                                                                                         \
    __global const float *base, __global const float *valuesA, __global const int *verticesA,                          \
        __global const float *weightsA, int cornersA, float scaleA, __global const float *valuesB,                     \
        __global const int *verticesB, __global const float *weightsB, int cornersB, float scaleB

// out = base + scaleA sliceA + scaleB sliceB: for all lattices but the last two, where there are more.
//   base, out [points, width], base being -infinity past the channels
__kernel void mean_field_add(SLICES, int rows, int width, __global float* out) {
    FOR_ROWS(p, rows) {
        add_slices(base, valuesA, verticesA, weightsA, cornersA, scaleA, valuesB, verticesB, weightsB, cornersB, scaleB,
                   p, width, out + (size_t)p * width);
    }
}

// out = softmax(base + scaleA sliceA + scaleB sliceB).
__kernel void mean_field_update(SLICES, int rows, int width, __global float* out) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(p, rows) {
        __global float* to = out + (size_t)p * width;
        floatV maxima = add_slices(base, valuesA, verticesA, weightsA, cornersA, scaleA, valuesB, verticesB, weightsB,
                                   cornersB, scaleB, p, width, to);
        float maximum = LANES_MAX(vector_max(maxima), scratch);
        floatV sums = 0;
        for (int c = LANE * V; c < width; c += LANES * V) {
            floatV e = exponential(LOAD(to + c) - maximum);
            STORE(e, to + c);
            sums += e;
        }
        float factor = 1 / LANES_SUM(vector_sum(sums), scratch);
        for (int c = LANE * V; c < width; c += LANES * V) {
            STORE(LOAD(to + c) * factor, to + c);
        }
    }
}
