// Backward of bilinear: the transpose of the resize, one axis after the other.
//   gradOut [outer, size, inner], gradX [outer, inputSize, inner]; rows = outer * inputSize
//   first the lines ([B, H, W C] to [B, h, W C]), then the columns ([B h, W, C] to [B h, w, C])
// In gather form: an index of the input adds up the indices of the output it went into. These are neighbours, and each
// has the weight max(0, 1 - |s - index|), s being its source coordinate, moved inside of the input at both ends.
// Coordinates are counted in 1 / (2 size), in integers.
// Launch: row kernel over gradX (see common.cl).

__kernel void bilinear_gradient(__global const float* gradOut, int rows, int inner, int inputSize, int size,
                                __global float* gradX) {
    float unit = 1 / (2 * (float)size);
    FOR_ROWS(row, rows) {
        int index = row % inputSize;
        long whole = 2 * (long)size;
        // (2 i + 1) inputSize - size lies between those of the two neighbours.
        int first = index == 0 ? 0 : (int)max((long)0, ((index - 1) * whole + size) / (2 * inputSize) - 1);
        int last = index == inputSize - 1 ? size : (int)min((long)size, ((index + 1) * whole + size) / (2 * inputSize) + 1);
        __global const float* from = gradOut + (size_t)(row / inputSize) * size * inner;
        __global float* to = gradX + (size_t)row * inner;
#define WEIGHT(i)                                                                                                      \
    (unit                                                                                                              \
     * (float)max((long)0, whole - (long)abs_diff(clamp((2 * (long)(i) + 1) * inputSize - size, (long)0,               \
                                                        (inputSize - 1) * whole), index * whole)))
        FOR_VECTORS(c, inner) {
            floatV sum = 0;
            for (int i = first; i < last; i++) {
                sum = fma(TO_V(WEIGHT(i)), LOAD(from + (size_t)i * inner + c), sum);
            }
            STORE(sum, to + c);
        }
        FOR_REST(c, inner) {
            float sum = 0;
            for (int i = first; i < last; i++) {
                sum = fma(WEIGHT(i), from[(size_t)i * inner + c], sum);
            }
            to[c] = sum;
        }
    }
}
