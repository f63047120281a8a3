// out = x / max(|x|, epsilon), |x| the Euclidean length of the row.
//   x, out [rows, channels]; out may be x
// Where the sum of squares is no float or loses digits, the row is divided by its largest element first.
// Launch: row kernel (see common.cl).

__kernel void normalize_rows(__global const float* x, int rows, int channels, float epsilon, __global float* out) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        __global const float* from = x + (size_t)row * channels;
        __global float* to = out + (size_t)row * channels;
        floatV squares = 0;
        float square = 0;
        FOR_VECTORS(c, channels) { squares = fma(LOAD(from + c), LOAD(from + c), squares); }
        FOR_REST(c, channels) { square = fma(from[c], from[c], square); }
        float total = LANES_SUM(square + vector_sum(squares), scratch);
        float unit = 1;
        if (total > MAXFLOAT || (total < 1e-30f && epsilon < 1e-14f)) {
            float largest = 0;
            for (int c = LANE; c < channels; c += LANES) {
                largest = fmax(largest, fabs(from[c]));
            }
            largest = LANES_MAX(largest, scratch);
            unit = largest > 0 && !isinf(largest) ? largest : 1;
            square = 0;
            for (int c = LANE; c < channels; c += LANES) {
                float share = from[c] / unit;
                square = fma(share, share, square);
            }
            total = LANES_SUM(square, scratch);
        }
        float length_ = sqrt(total);
        // Written so that a length that is not a number stays so.
        float factor = 1 / (length_ < epsilon / unit ? epsilon / unit : length_);
        if (unit == 1) {
            FOR_VECTORS(c, channels) { STORE(LOAD(from + c) * factor, to + c); }
            FOR_REST(c, channels) { to[c] = from[c] * factor; }
        } else {
            for (int c = LANE; c < channels; c += LANES) {
                to[c] = from[c] / unit * factor;
            }
        }
    }
}
