// softmax: out = exp(scale x) / sum exp(scale x), log_softmax: its logarithm, over the channels of each row.
//   x, out [rows, channels]; out may be x
// The maximum of scale x is subtracted first; scale may be negative.
// Launch: row kernels (see common.cl).

__kernel void softmax(__global const float* x, int rows, int channels, float scale, __global float* out) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        __global const float* from = x + (size_t)row * channels;
        __global float* to = out + (size_t)row * channels;
        floatV maxima = -INFINITY;
        float maximum = -INFINITY;
        FOR_VECTORS(c, channels) { maxima = fmax(maxima, LOAD(from + c) * scale); }
        FOR_REST(c, channels) { maximum = fmax(maximum, from[c] * scale); }
        maximum = LANES_MAX(fmax(maximum, vector_max(maxima)), scratch);

        floatV sums = 0;
        float sum = 0;
        FOR_VECTORS(c, channels) {
            floatV e = exponential(LOAD(from + c) * scale - maximum);
            STORE(e, to + c);
            sums += e;
        }
        FOR_REST(c, channels) {
            float e = exponential(from[c] * scale - maximum);
            to[c] = e;
            sum += e;
        }
        float factor = 1 / LANES_SUM(sum + vector_sum(sums), scratch);
        FOR_VECTORS(c, channels) { STORE(LOAD(to + c) * factor, to + c); }
        FOR_REST(c, channels) { to[c] *= factor; }
    }
}

__kernel void log_softmax(__global const float* x, int rows, int channels, float scale, __global float* out) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        __global const float* from = x + (size_t)row * channels;
        __global float* to = out + (size_t)row * channels;
        floatV maxima = -INFINITY;
        float maximum = -INFINITY;
        FOR_VECTORS(c, channels) { maxima = fmax(maxima, LOAD(from + c) * scale); }
        FOR_REST(c, channels) { maximum = fmax(maximum, from[c] * scale); }
        maximum = LANES_MAX(fmax(maximum, vector_max(maxima)), scratch);

        floatV sums = 0;
        float sum = 0;
        FOR_VECTORS(c, channels) { sums += exponential(LOAD(from + c) * scale - maximum); }
        FOR_REST(c, channels) { sum += exponential(from[c] * scale - maximum); }
        float log_sum = log(LANES_SUM(sum + vector_sum(sums), scratch));
        FOR_VECTORS(c, channels) { STORE(LOAD(from + c) * scale - maximum - log_sum, to + c); }
        FOR_REST(c, channels) { to[c] = from[c] * scale - maximum - log_sum; }
    }
}
