#include "kernels.h"
#include <stdlib.h>

/* -mean over rows of sum_k p[k] c[k]: p is 1 for the largest cosine, the first on a tie (alpha 0), or softmax(alpha c),
 * through which the gradient passes too. cosines and gradCosines [..., N], loss [1]. */
void assignment_loss(tensor cosines, double alpha, double weight, tensor grad_cosines, tensor loss) {
    int n = channels(cosines), count = rows(cosines);
    double *p = need(n, sizeof(double)), total = 0;
    for (int r = 0; r < count; r++) {
        const float *c = cosines.f + (size_t)r * n;
        float *g = grad_cosines.f + (size_t)r * n;
        int best = 0;
        double mean = 0;
        for (int k = 0; k < n; k++) {
            if (c[k] > c[best]) best = k;
            p[k] = alpha * c[k];
        }
        softmax_row(p, n, p);
        for (int k = 0; k < n; k++) {
            if (alpha == 0) p[k] = k == best;
            mean += p[k] * c[k];
        }
        total -= mean / count;
        for (int k = 0; k < n; k++) g[k] = (float)(-weight / count * p[k] * (1 + alpha * (c[k] - mean)));
    }
    loss.f[0] = (float)total;
    free(p);
}
