#include "kernels.h"
#include <math.h>

/* (x - mean) / sqrt(variance + epsilon) * gamma + beta over the channels; x and out [..., C], gamma and beta [C].
 * Two passes: the mean of squares less the square of the mean would cancel. */
void layer_norm(tensor x, tensor gamma, tensor beta, double epsilon, tensor out) {
    int n = channels(x);
    for (int r = 0; r < rows(x); r++) {
        const float *from = x.f + (size_t)r * n;
        double mean = 0, variance = 0;
        for (int c = 0; c < n; c++) mean += from[c];
        mean /= n;
        for (int c = 0; c < n; c++) variance += (from[c] - mean) * (from[c] - mean);
        variance /= n;
        for (int c = 0; c < n; c++) {
            out.f[(size_t)r * n + c] = (float)((from[c] - mean) / sqrt(variance + epsilon) * gamma.f[c] + beta.f[c]);
        }
    }
}
