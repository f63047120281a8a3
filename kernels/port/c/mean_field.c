#include "kernels.h"
#include "lattice.h"
#include <stdlib.h>

static void softmax_rows(const double *x, int rows, int n, double *out) {
    for (int r = 0; r < rows; r++) softmax_row(x + (size_t)r * n, n, out + (size_t)r * n);
}

/* Q = softmax(logits), then `iterations` times Q = softmax(logits + sum_i weights[i] filter_i(Q)).
 * logits and out [N, C], weights [L], positions: L tensors [N, d_i]. */
const char *mean_field(tensor logits, const tensor *positions, tensor weights, int iterations, tensor out) {
    int n = channels(logits), points = rows(logits), kernels = (int)elements(weights);
    size_t size = elements(logits);
    lattice *l = need(kernels + 1, sizeof(lattice));
    for (int i = 0; i < kernels; i++) {
        const char *wrong = lattice_build(positions[i], &l[i]);
        if (wrong) {
            while (i-- > 0) lattice_free(&l[i]);
            free(l);
            return wrong;
        }
    }
    double *q = need(size, sizeof(double)), *sum = need(size, sizeof(double)), *filtered = need(size, sizeof(double));
    for (size_t i = 0; i < size; i++) q[i] = logits.f[i];
    softmax_rows(q, points, n, q);
    for (int round = 0; round < iterations; round++) {
        for (size_t i = 0; i < size; i++) sum[i] = logits.f[i];
        for (int k = 0; k < kernels; k++) {
            lattice_apply(&l[k], q, n, filtered);
            for (size_t i = 0; i < size; i++) sum[i] += (double)weights.f[k] * filtered[i];
        }
        softmax_rows(sum, points, n, q);
    }
    for (size_t i = 0; i < size; i++) out.f[i] = (float)q[i];
    for (int k = 0; k < kernels; k++) lattice_free(&l[k]);
    free(l);
    free(q);
    free(sum);
    free(filtered);
    return NULL;
}
