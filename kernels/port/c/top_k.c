#include "kernels.h"
#include <math.h>

/* The k keys of the largest dot product with each query, largest first, the smaller index first on a tie. NaN is passed
 * over; where it leaves too few, the index is -1 and the similarity minus infinity.
 * queries [M, C], keys [N, C], similarities [M, k], indices [M, k] integers. */
void top_k(tensor queries, tensor keys, tensor similarities, tensor indices) {
    int k = similarities.dim[1], n = queries.dim[1];
    for (int m = 0; m < queries.dim[0]; m++) {
        float *best = similarities.f + (size_t)m * k;
        int32_t *index = indices.i + (size_t)m * k;
        for (int i = 0; i < k; i++) {
            best[i] = -INFINITY;
            index[i] = -1;
        }
        for (int key = 0; key < keys.dim[0]; key++) {
            float here = (float)dot(queries.f + (size_t)m * n, keys.f + (size_t)key * n, n);
            if (isnan(here)) continue;
            int at = k;
            while (at > 0 && (here > best[at - 1] || index[at - 1] < 0)) at--;
            for (int i = k - 1; i > at; i--) {
                best[i] = best[i - 1];
                index[i] = index[i - 1];
            }
            if (at < k) {
                best[at] = here;
                index[at] = key;
            }
        }
    }
}
