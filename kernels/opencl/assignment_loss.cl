// Loss of the cluster probe: the mean over rows of -sum_k p[k] c[k], with its gradient.
//   cosines (c), gradCosines [rows, clusters]; products [rows]: sum p c, which sum.cl adds up; factor: -weight / rows
// Launch: row kernels (see common.cl).

// p is 1 for the largest cosine, the first one on a tie. best [rows] int32 has its index (argmax.cl).
__kernel void hard_assignment(__global const float* cosines, __global const int* best, int rows, int clusters,
                              float factor, __global float* gradCosines, __global float* products) {
    FOR_ROWS(row, rows) {
        __global float* to = gradCosines + (size_t)row * clusters;
        int winner = best[row];
        for (int c = LANE; c < clusters; c += LANES) {
            to[c] = c == winner ? factor : 0;
        }
        if (LANE == 0) {
            products[row] = cosines[(size_t)row * clusters + winner];
        }
    }
}

// p = softmax(alpha c), which gradCosines holds (softmax.cl) and which becomes the gradient
// factor p_k (1 + alpha (c_k - sum p c)).
__kernel void soft_assignment(__global const float* cosines, int rows, int clusters, float alpha, float factor,
                              __global float* gradCosines, __global float* products) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        __global const float* c = cosines + (size_t)row * clusters;
        __global float* p = gradCosines + (size_t)row * clusters;
        float product = LANES_SUM(row_dot(p, c, clusters), scratch);
        if (LANE == 0) {
            products[row] = product;
        }
        FOR_VECTORS(k, clusters) {
            STORE(LOAD(p + k) * factor * (1 + alpha * (LOAD(c + k) - product)), p + k);
        }
        FOR_REST(k, clusters) { p[k] *= factor * (1 + alpha * (c[k] - product)); }
    }
}
