// Backward of normalize: (g - y (y . g)) / |x| with y = x / |x|, or g / epsilon where |x| < epsilon.
//   x, gradOut (g), gradX [rows, channels]; gradX may be gradOut
// Launch: row kernel (see common.cl).

__kernel void normalize_gradient(__global const float* x, __global const float* gradOut, int rows, int channels,
                                 float epsilon, __global float* gradX) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        __global const float* from = x + (size_t)row * channels;
        __global const float* g = gradOut + (size_t)row * channels;
        __global float* to = gradX + (size_t)row * channels;
        float length_ = sqrt(LANES_SUM(row_dot(from, from, channels), scratch));
        float product = LANES_SUM(row_dot(from, g, channels), scratch);
        float a = 1 / (length_ < epsilon ? epsilon : length_);
        // (x / |x|) (x . g / |x|) / |x|, divided one after the other: |x|^3 may be out of range.
        float b = length_ < epsilon ? 0 : -(product / length_) / length_ / length_;
        FOR_VECTORS(c, channels) { STORE(fma(TO_V(b), LOAD(from + c), LOAD(g + c) * a), to + c); }
        FOR_REST(c, channels) { to[c] = fma(b, from[c], g[c] * a); }
    }
}
