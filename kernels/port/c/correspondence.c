#include "kernels.h"
#include <math.h>
#include <stdlib.h>

static double *products(tensor a, tensor b) {
    int images = a.dim[0], points = a.dim[1], n = a.dim[2];
    double *all = need((size_t)images * points * points, sizeof(double)), *to = all;
    for (int i = 0; i < images; i++) {
        for (int p = 0; p < points; p++) {
            for (int q = 0; q < points; q++) {
                *to++ = dot(a.f + ((size_t)i * points + p) * n, b.f + ((size_t)i * points + q) * n, n);
            }
        }
    }
    return all;
}

/* Takes from each row its mean, and adds the mean of all rows. */
static void centre(double *fd, size_t count, int points) {
    double mean = 0;
    for (size_t i = 0; i < count; i++) mean += fd[i] / count;
    for (size_t row = 0; row < count; row += points) {
        double own = 0;
        for (int q = 0; q < points; q++) own += fd[row + q] / points;
        for (int q = 0; q < points; q++) fd[row + q] += mean - own;
    }
}

/* loss = -mean clamp(cd) (fd - shift) over images and pairs of points, fd = f1 f2^T and cd = c1 c2^T image by image.
 * features [B, P, C], codes and their gradients [B, P, D], loss [1]. Gradients are added to, and may be one tensor. */
void correspondence(
    tensor features1, tensor features2, tensor code1, tensor code2, correspondence_rule rule, double weight,
    tensor grad_code1, tensor grad_code2, tensor loss) {
    int points = code1.dim[1], n = code1.dim[2];
    size_t count = (size_t)code1.dim[0] * points * points, size = elements(code1);
    double low = rule.zero_clamp ? 0 : -9999, high = rule.stabilize ? 0.8f : INFINITY, total = 0;
    double *fd = products(features1, features2), *cd = products(code1, code2);
    double *grad1 = need(size, sizeof(double)), *grad2 = need(size, sizeof(double));
    if (rule.pointwise) centre(fd, count, points);
    for (size_t i = 0; i < count; i++) {
        double pull = fd[i] - rule.shift, at = cd[i] < low ? low : cd[i] > high ? high : cd[i];
        total -= at * pull / count;
        if (cd[i] < low || cd[i] > high) continue; /* at a bound itself the slope is 1 */
        size_t p = i / points, q = i / points / points * points + i % points;
        for (int c = 0; c < n; c++) {
            grad1[p * n + c] -= weight * pull / count * code2.f[q * n + c];
            grad2[q * n + c] -= weight * pull / count * code1.f[p * n + c];
        }
    }
    for (size_t i = 0; i < size; i++) {
        if (grad_code1.f == grad_code2.f) {
            grad_code1.f[i] = (float)(grad_code1.f[i] + grad1[i] + grad2[i]);
        } else {
            grad_code1.f[i] = (float)(grad_code1.f[i] + grad1[i]);
            grad_code2.f[i] = (float)(grad_code2.f[i] + grad2[i]);
        }
    }
    loss.f[0] = (float)total;
    free(fd);
    free(cd);
    free(grad1);
    free(grad2);
}
