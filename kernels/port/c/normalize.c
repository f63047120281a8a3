#include "kernels.h"
#include <math.h>

static double length(const float *x, int n) { return sqrt(dot(x, x, n)); }

/* Each row over its length, or over epsilon if that is larger; a row with NaN becomes NaN. In place. */
void normalize(tensor x, double epsilon, tensor out) {
    int n = channels(x);
    for (int r = 0; r < rows(x); r++) {
        double by = length(x.f + (size_t)r * n, n);
        if (by < epsilon) by = epsilon;
        for (int c = 0; c < n; c++) out.f[(size_t)r * n + c] = (float)(x.f[(size_t)r * n + c] / by);
    }
}

/* (g - y (y . g)) / |x| with y = x / |x|, or g / epsilon where |x| < epsilon; gradX may be gradOut. */
void normalize_gradient(tensor x, double epsilon, tensor grad_out, tensor grad_x) {
    int n = channels(x);
    for (int r = 0; r < rows(x); r++) {
        const float *at = x.f + (size_t)r * n, *g = grad_out.f + (size_t)r * n;
        double by = length(at, n), along = 0;
        if (by < epsilon) {
            by = epsilon;
        } else {
            along = dot(at, g, n) / (by * by);
        }
        for (int c = 0; c < n; c++) grad_x.f[(size_t)r * n + c] = (float)((g[c] - at[c] * along) / by);
    }
}
