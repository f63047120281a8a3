#include "kernels.h"
#include <stdlib.h>

static int nearest(const float *point, tensor centers) {
    int n = centers.dim[1], best = 0;
    double least = 0;
    for (int k = 0; k < centers.dim[0]; k++) {
        double distance = 0;
        for (int c = 0; c < n; c++) {
            double off = (double)point[c] - centers.f[(size_t)k * n + c];
            distance += off * off;
        }
        if (k == 0 || distance < least) {
            least = distance;
            best = k;
        }
    }
    return best;
}

/* The nearest centre of each chosen row, the first one on a tie, and the sums and counts of each, overwritten.
 * points [N, C], rows [M] integers in 0..N-1, centers and sums [K, C], labels [M] and counts [K] integers. */
const char *nearest_centers(
    tensor points, tensor chosen, tensor centers, tensor labels, tensor sums, tensor counts) {
    for (size_t m = 0; m < elements(chosen); m++) {
        if (chosen.i[m] < 0 || chosen.i[m] >= points.dim[0]) return "a row is out of range";
    }
    int n = points.dim[1];
    double *total = need(elements(sums), sizeof(double));
    for (int k = 0; k < counts.dim[0]; k++) counts.i[k] = 0;
    for (size_t m = 0; m < elements(chosen); m++) {
        const float *point = points.f + (size_t)chosen.i[m] * n;
        int k = nearest(point, centers);
        labels.i[m] = k;
        counts.i[k]++;
        for (int c = 0; c < n; c++) total[(size_t)k * n + c] += point[c];
    }
    for (size_t i = 0; i < elements(sums); i++) sums.f[i] = (float)total[i];
    free(total);
    return NULL;
}
