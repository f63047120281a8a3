// Backward of ReLU: gradX = y > 0 ? gradOut : 0, y being its output.
//   y, gradOut, gradX [size]; gradX may be gradOut; rows = ceil(size / width)
// Launch: element kernel (see common.cl).

__kernel void relu_gradient(__global const float* y, __global const float* gradOut, int rows, int width, int size,
                            __global float* gradX) {
    FOR_ROWS(row, rows) {
        size_t first = (size_t)row * width;
        int count = ROW_LENGTH(row, width, size);
        FOR_VECTORS(c, count) {
            floatV g = LOAD(gradOut + first + c);
            STORE(LOAD(y + first + c) > TO_V(0.0f) ? g : TO_V(0.0f), gradX + first + c);
        }
        FOR_REST(c, count) { gradX[first + c] = y[first + c] > 0 ? gradOut[first + c] : 0; }
    }
}
