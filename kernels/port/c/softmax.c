#include "kernels.h"
#include <math.h>
#include <stdlib.h>

/* The largest of n values; NaN if one is. */
static double largest(const double *x, int n) {
    double max = -INFINITY;
    for (int i = 0; i < n; i++) {
        if (!(x[i] <= max)) max = x[i];
        if (isnan(max)) return max;
    }
    return max;
}

/* exp(x) / sum of exp(x); out may be x. */
void softmax_row(const double *x, int n, double *out) {
    double max = largest(x, n), sum = 0;
    for (int i = 0; i < n; i++) {
        out[i] = exp(x[i] - max);
        sum += out[i];
    }
    for (int i = 0; i < n; i++) out[i] /= sum;
}

/* Softmax of scale x over the channels; x and out [..., C]. The scale may be negative. In place. */
void softmax(tensor x, double scale, tensor out) {
    int n = channels(x);
    double *row = need(n, sizeof(double));
    for (int r = 0; r < rows(x); r++) {
        for (int c = 0; c < n; c++) row[c] = scale * x.f[(size_t)r * n + c];
        softmax_row(row, n, row);
        for (int c = 0; c < n; c++) out.f[(size_t)r * n + c] = (float)row[c];
    }
    free(row);
}

/* scale x - log sum exp(scale x): not the logarithm of a softmax, which may have underflown to 0. In place. */
void log_softmax(tensor x, double scale, tensor out) {
    int n = channels(x);
    double *row = need(n, sizeof(double));
    for (int r = 0; r < rows(x); r++) {
        for (int c = 0; c < n; c++) row[c] = scale * x.f[(size_t)r * n + c];
        double max = largest(row, n), sum = 0;
        for (int c = 0; c < n; c++) sum += exp(row[c] - max);
        for (int c = 0; c < n; c++) out.f[(size_t)r * n + c] = (float)(row[c] - max - log(sum));
    }
    free(row);
}

/* Backward of softmax: scale y (g - y . g), y being its output; gradX may be gradOut. */
void softmax_gradient(tensor y, double scale, tensor grad_out, tensor grad_x) {
    int n = channels(y);
    for (int r = 0; r < rows(y); r++) {
        const float *at = y.f + (size_t)r * n, *g = grad_out.f + (size_t)r * n;
        double mean = dot(at, g, n);
        for (int c = 0; c < n; c++) grad_x.f[(size_t)r * n + c] = (float)(scale * at[c] * (g[c] - mean));
    }
}
