#include "kernels.h"

/* totals += counts; means += (sums - counts means) / totals where totals are not 0.
 * sums and means [K, C], counts and totals [K] integers. */
void running_means(tensor sums, tensor counts, tensor totals, tensor means) {
    int n = sums.dim[1];
    for (int k = 0; k < sums.dim[0]; k++) {
        totals.i[k] += counts.i[k];
        for (int c = 0; totals.i[k] != 0 && c < n; c++) {
            double mean = means.f[(size_t)k * n + c], sum = sums.f[(size_t)k * n + c];
            means.f[(size_t)k * n + c] = (float)(mean + (sum - counts.i[k] * mean) / totals.i[k]);
        }
    }
}
