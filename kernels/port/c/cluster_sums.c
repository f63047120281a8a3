#include "kernels.h"
#include <stdlib.h>

/* sums[k] += points with label k, counts[k] += their number.
 * points [N, C], labels [N] integers in 0..K-1, sums [K, C], counts [K] integers. */
const char *cluster_sums(tensor points, tensor labels, tensor sums, tensor counts) {
    int n = points.dim[1];
    double *total = need(elements(sums), sizeof(double));
    for (int p = 0; p < points.dim[0]; p++) {
        if (labels.i[p] < 0 || labels.i[p] >= sums.dim[0]) {
            free(total);
            return "a label is out of range";
        }
    }
    for (int p = 0; p < points.dim[0]; p++) {
        for (int c = 0; c < n; c++) total[(size_t)labels.i[p] * n + c] += points.f[(size_t)p * n + c];
        counts.i[labels.i[p]]++;
    }
    for (size_t i = 0; i < elements(sums); i++) sums.f[i] = (float)(sums.f[i] + total[i]);
    free(total);
    return NULL;
}
