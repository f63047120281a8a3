// sum += factor x, element by element.
//   x, sum [size]; rows = ceil(size / width)
// Launch: element kernel (see common.cl).

__kernel void add_scaled(__global const float* x, int rows, int width, int size, float factor, __global float* sum) {
    FOR_ROWS(row, rows) {
        __global const float* from = x + (size_t)row * width;
        __global float* to = sum + (size_t)row * width;
        int count = ROW_LENGTH(row, width, size);
        FOR_VECTORS(c, count) { STORE(fma(TO_V(factor), LOAD(from + c), LOAD(to + c)), to + c); }
        FOR_REST(c, count) { to[c] = fma(factor, from[c], to[c]); }
    }
}
