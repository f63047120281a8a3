// Attention weights of the first Q queries, stored: out[b, h, q, t] = softmax over t of q . k / sqrt(D).
//   qkv [B, T, 3 heads D], out [B, heads, Q, T]; rows = B heads Q
// Made for pictures and for checking, not to be fast.
// Launch: row kernel over out, its channels being the tokens (see common.cl).

float dot_product(__global const activation_t* a, __global const activation_t* b, int depth) {
    floatV sums = 0;
    float sum = 0;
    for (int d = 0; d < WHOLE(depth); d += V) {
        sums = fma(LOAD_ACTIVATIONS(a + d), LOAD_ACTIVATIONS(b + d), sums);
    }
    for (int d = WHOLE(depth); d < depth; d++) {
        sum = fma(LOAD_ACTIVATION(a + d), LOAD_ACTIVATION(b + d), sum);
    }
    return sum + vector_sum(sums);
}

__kernel void attention_weights(__global const activation_t* qkv, int rows, int tokens, int heads, int depth, int queries,
                                float scale, __global float* out) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        int head = row / queries % heads;
        int image = row / queries / heads;
        size_t stride = 3 * heads * depth;
        __global const activation_t* query = qkv + (image * tokens + row % queries) * stride + head * depth;
        __global const activation_t* keys = qkv + image * tokens * stride + (heads + head) * depth;
        __global float* to = out + (size_t)row * tokens;
        float maximum = -INFINITY;
        for (int t = LANE; t < tokens; t += LANES) {
            float score = scale * dot_product(query, keys + t * stride, depth);
            to[t] = score;
            maximum = fmax(maximum, score);
        }
        maximum = LANES_MAX(maximum, scratch);
        float sum = 0;
        for (int t = LANE; t < tokens; t += LANES) {
            float e = exponential(to[t] - maximum);
            to[t] = e;
            sum += e;
        }
        float factor = 1 / LANES_SUM(sum, scratch);
        for (int t = LANE; t < tokens; t += LANES) {
            to[t] *= factor;
        }
    }
}
