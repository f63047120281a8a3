// The symmetric normalisation of a permutohedral lattice (lattice.cl; Kraehenbuehl and Koltun 2011): ones are filtered, and
// one over the root of the result becomes part of the weights.
// Steps, in this order: splat_ones, blur_ones (once for each axis), norms, fold_splat, fold_slice.
// Launch: element kernels over vertices, points or entries (see common.cl).

#define FOR_ELEMENTS(i, rows, width, size)                                                                             \
    FOR_ROWS(row_, rows)                                                                                               \
    for (int i = row_ * width + LANE, last_ = min((row_ + 1) * width, size); i < last_; i += LANES)

// values[v] = sum of the weights that splat into v; the last one, where there is no vertex, is 0.
//   starts [vertices + 1], members, weights [entries], values [size]; size = vertices + 1
__kernel void splat_ones(__global const int* starts, __global const int* members, __global const float* weights,
                         int rows, int width, int size, __global float* values) {
    FOR_ELEMENTS(v, rows, width, size) {
        float sum = 0;
        if (v < size - 1) {
            for (int i = starts[v]; i < starts[v + 1]; i++) {
                sum += weights[members[i]];
            }
        }
        values[v] = sum;
    }
}

// out[v] = values[v] + (values[before] + values[after]) / 2 along one axis; size = vertices + 1
__kernel void blur_ones(__global const float* values, __global const int* neighbours, int axis, int rows, int width,
                        int size, __global float* out) {
    neighbours += (size_t)axis * 2 * (size - 1);
    FOR_ELEMENTS(v, rows, width, size) {
        out[v] = v < size - 1 ? fma(0.5f, values[neighbours[2 * v]] + values[neighbours[2 * v + 1]], values[v]) : 0;
    }
}

// norm[p] = 1 / sqrt(L(1) + 1e-20); size = points
__kernel void norms(__global const int* vertices, __global const float* weights, __global const float* values, int rows,
                    int width, int size, int corners, float gain, __global float* norm) {
    FOR_ELEMENTS(p, rows, width, size) {
        float sum = 0;
        for (int e = p * corners; e < (p + 1) * corners; e++) {
            sum = fma(weights[e], values[vertices[e]], sum);
        }
        norm[p] = 1 / sqrt(fma(sum, gain, 1e-20f));
    }
}

// The points and weights that splat into each vertex, in the order of members; size = entries
__kernel void fold_splat(__global const int* members, __global const float* weights, __global const float* norm, int rows,
                         int width, int size, int corners, __global int* splatPoints, __global float* splatWeights) {
    FOR_ELEMENTS(i, rows, width, size) {
        int point = members[i] / corners;
        splatPoints[i] = point;
        splatWeights[i] = weights[members[i]] * norm[point];
    }
}

// weights *= norm * gain: what slicing multiplies by; size = entries
__kernel void fold_slice(__global const float* norm, int rows, int width, int size, int corners, float gain,
                         __global float* weights) {
    FOR_ELEMENTS(e, rows, width, size) { weights[e] *= norm[e / corners] * gain; }
}
