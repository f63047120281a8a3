// out = (x - mean) / sqrt(variance + epsilon) * gamma + beta, over the channels of each row; biased variance.
// Ba, Kiros and Hinton 2016.
//   x, out [rows, channels], gamma, beta [channels]; out may be x
// Two passes for mean and variance: E[x^2] - mean^2 loses everything where the mean is large. The second also finds what a
// float can't hold of the mean, the mean of the deviations from it.
// Launch: row kernel (see common.cl).

__kernel void layer_norm(__global const float* x, __global const float* gamma, __global const float* beta,
                         int rows, int channels, float epsilon, __global activation_t* out) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        __global const float* from = x + (size_t)row * channels;
        __global activation_t* to = out + (size_t)row * channels;
        floatV sums = 0;
        float sum = 0;
        FOR_VECTORS(c, channels) { sums += LOAD(from + c); }
        FOR_REST(c, channels) { sum += from[c]; }
        float mean = LANES_SUM(sum + vector_sum(sums), scratch) / channels;

        floatV squares = 0;
        float square = 0;
        sums = 0;
        sum = 0;
        FOR_VECTORS(c, channels) {
            floatV d = LOAD(from + c) - mean;
            sums += d;
            squares = fma(d, d, squares);
        }
        FOR_REST(c, channels) {
            float d = from[c] - mean;
            sum += d;
            square = fma(d, d, square);
        }
        float rest = LANES_SUM(sum + vector_sum(sums), scratch) / channels;
        float variance = LANES_SUM(square + vector_sum(squares), scratch) / channels - rest * rest;

        float factor = 1 / sqrt((variance < 0 ? 0 : variance) + epsilon);
        FOR_VECTORS(c, channels) {
            floatV y = fma((LOAD(from + c) - mean - rest) * factor, LOAD(gamma + c), LOAD(beta + c));
            STORE_ACTIVATIONS(y, to + c);
        }
        FOR_REST(c, channels) {
            STORE_ACTIVATION(fma((from[c] - mean - rest) * factor, gamma[c], beta[c]), to + c);
        }
    }
}
