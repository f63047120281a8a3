// One term of the correspondence loss (Hamilton et al. 2022, equation 4): the mean over images and pairs of points (p, q)
// of -clamp(cd) (fd - shift). The products fd = f1 f2^T and cd = c1 c2^T, and those of the gradients, are product.cl's.
//   fd, cd [rows, points]; rows = B points: (b, p); a row is over q
// Launch: row kernels (see common.cl).

// fd becomes fd less its mean over q; sums [rows] are what sum.cl makes the old mean of.
__kernel void center_rows(int rows, int points, __global float* fd, __global float* sums) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        __global float* x = fd + (size_t)row * points;
        floatV parts = 0;
        float part = 0;
        FOR_VECTORS(q, points) { parts += LOAD(x + q); }
        FOR_REST(q, points) { part += x[q]; }
        float sum = LANES_SUM(part + vector_sum(parts), scratch);
        if (LANE == 0) {
            sums[row] = sum;
        }
        float mean = sum / points;
        FOR_VECTORS(q, points) { STORE(LOAD(x + q) - mean, x + q); }
        FOR_REST(q, points) { x[q] -= mean; }
    }
}

// A code that is not a number stays so, and with it the loss.
// With base = shift - mean[0]: sums [rows] of clamp(cd) (fd - base); cd becomes the gradient for itself, factor (fd -
// base), or 0 beyond the bounds lowest and highest.
__kernel void judge(__global const float* fd, __global const float* mean, int rows, int points, float shift,
                    float lowest, float highest, float factor, __global float* cd, __global float* sums) {
    LANE_SCRATCH(scratch);
    float base = shift - mean[0];
    FOR_ROWS(row, rows) {
        __global const float* f = fd + (size_t)row * points;
        __global float* c = cd + (size_t)row * points;
        floatV parts = 0;
        float part = 0;
        FOR_VECTORS(q, points) {
            floatV judgement = LOAD(f + q) - base;
            floatV code = LOAD(c + q);
            floatV bounded = code > TO_V(highest) ? TO_V(highest) : code;
            bounded = bounded < TO_V(lowest) ? TO_V(lowest) : bounded;
            parts = fma(bounded, judgement, parts);
            STORE(bounded == code ? judgement * factor : TO_V(0.0f), c + q);
        }
        FOR_REST(q, points) {
            float judgement = f[q] - base;
            float code = c[q];
            float bounded = code > highest ? highest : code;
            bounded = bounded < lowest ? lowest : bounded;
            part = fma(bounded, judgement, part);
            c[q] = bounded == code ? judgement * factor : 0;
        }
        float sum = LANES_SUM(part + vector_sum(parts), scratch);
        if (LANE == 0) {
            sums[row] = sum;
        }
    }
}
