// Index of the largest channel of each row, the first one on a tie.
//   x [rows, channels], out [rows] int32
// Launch: row kernel (see common.cl). Lanes are joined by comparing (value, index), not values alone.

__kernel void argmax(__global const float* x, int rows, int channels, __global int* out) {
#if LANES > 1
    __local float values[LANES];
    __local int indices[LANES];
#endif
    FOR_ROWS(row, rows) {
        __global const float* from = x + (size_t)row * channels;
        float best = -INFINITY;
        int index = LANE < channels ? LANE : 0;
        for (int c = LANE; c < channels; c += LANES) {
            if (from[c] > best) {
                best = from[c];
                index = c;
            }
        }
#if LANES > 1
        values[LANE] = best;
        indices[LANE] = index;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int half_ = LANES / 2; half_ > 0; half_ /= 2) {
            if (LANE < half_) {
                int other = LANE + half_;
                if (values[other] > values[LANE]
                    || (values[other] == values[LANE] && indices[other] < indices[LANE])) {
                    values[LANE] = values[other];
                    indices[LANE] = indices[other];
                }
            }
            barrier(CLK_LOCAL_MEM_FENCE);
        }
        index = indices[0];
        barrier(CLK_LOCAL_MEM_FENCE);
#endif
        if (LANE == 0) {
            out[row] = index;
        }
    }
}
