#include "kernels.h"
#include <math.h>
#include <stdlib.h>

/* -mean affinity (c_a . c_b) over images and pairs of points; affinity = w1 exp(-p^2 / (2 alpha) - c^2 / (2 beta))
 * + w2 exp(-p^2 / (2 gamma)) - shift, p pixels apart and of colours c apart. A point may be drawn twice.
 * guidance [B, h, w, G], code and gradCode [B, h, w, D], points [2, n] integers (rows, then columns), loss [1]. */
const char *crf_loss(
    tensor guidance, tensor code, tensor points, guidance_settings s, double weight, tensor grad_code, tensor loss) {
    int images = code.dim[0], h = code.dim[1], w = code.dim[2], d = code.dim[3], g = guidance.dim[3];
    int n = points.dim[1];
    const int32_t *row = points.i, *column = points.i + n;
    for (int i = 0; i < n; i++) {
        if (row[i] < 0 || row[i] >= h || column[i] < 0 || column[i] >= w) return "a point is outside of the image";
    }
    double *sums = need(elements(code), sizeof(double)), count = (double)images * n * n, total = 0;
    for (int b = 0; b < images; b++) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                size_t first = ((size_t)b * h + row[i]) * w + column[i], second = ((size_t)b * h + row[j]) * w + column[j];
                double apart = pow(row[i] - row[j], 2) + pow(column[i] - column[j], 2), colour = 0;
                for (int k = 0; k < g; k++) {
                    colour += pow((double)guidance.f[first * g + k] - guidance.f[second * g + k], 2);
                }
                double affinity = s.w1 * exp(-apart / (2 * s.alpha) - colour / (2 * s.beta))
                    + s.w2 * exp(-apart / (2 * s.gamma)) - s.shift;
                total -= affinity * dot(code.f + first * d, code.f + second * d, d) / count;
                for (int k = 0; k < d; k++) {
                    sums[first * d + k] -= 2 * affinity * code.f[second * d + k] * weight / count;
                }
            }
        }
    }
    for (size_t i = 0; i < elements(code); i++) grad_code.f[i] = (float)sums[i];
    loss.f[0] = (float)total;
    free(sums);
    return NULL;
}
