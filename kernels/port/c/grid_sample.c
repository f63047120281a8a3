#include "kernels.h"
#include <stdlib.h>

static const char *check(tensor images, int count) {
    for (size_t n = 0; n < elements(images); n++) {
        if (images.i[n] < 0 || images.i[n] >= count) return "an image's number is out of range";
    }
    return NULL;
}

/* Where a coordinate from -1 to 1 lies among `size` lines: align_corners true, moved to the border if outside. */
static mix sampled(double coord, int size) { return between((coord + 1) / 2 * (size - 1), size); }

/* out[n, s, t] is image images[n] at (x, y) = coords[n, s, t]; x [A, h, w, C], coords [N, S, T, 2], out [N, S, T, C]. */
const char *grid_sample(tensor x, tensor images, tensor coords, tensor out) {
    int h = x.dim[1], w = x.dim[2], c = x.dim[3], points = out.dim[1] * out.dim[2];
    if (check(images, x.dim[0])) return check(images, x.dim[0]);
    float *to = out.f;
    for (int n = 0; n < out.dim[0]; n++) {
        const float *from = x.f + (size_t)images.i[n] * h * w * c;
        for (int p = 0; p < points; p++) {
            const float *at = coords.f + ((size_t)n * points + p) * 2;
            mix z = sampled(at[0], w), y = sampled(at[1], h);
            for (int k = 0; k < c; k++) {
                double above = (1 - z.t) * from[((size_t)y.low * w + z.low) * c + k]
                    + z.t * from[((size_t)y.low * w + z.high) * c + k];
                double below = (1 - z.t) * from[((size_t)y.high * w + z.low) * c + k]
                    + z.t * from[((size_t)y.high * w + z.high) * c + k];
                *to++ = (float)((1 - y.t) * above + y.t * below);
            }
        }
    }
    return NULL;
}

/* The transpose with respect to the images, added to gradX [A, h, w, C]. */
const char *grid_sample_gradient(tensor grad_out, tensor images, tensor coords, tensor grad_x) {
    int h = grad_x.dim[1], w = grad_x.dim[2], c = grad_x.dim[3], points = grad_out.dim[1] * grad_out.dim[2];
    if (check(images, grad_x.dim[0])) return check(images, grad_x.dim[0]);
    double *sums = need(elements(grad_x), sizeof(double));
    const float *g = grad_out.f;
    for (int n = 0; n < grad_out.dim[0]; n++) {
        double *to = sums + (size_t)images.i[n] * h * w * c;
        for (int p = 0; p < points; p++) {
            const float *at = coords.f + ((size_t)n * points + p) * 2;
            mix z = sampled(at[0], w), y = sampled(at[1], h);
            for (int k = 0; k < c; k++, g++) {
                to[((size_t)y.low * w + z.low) * c + k] += (1 - y.t) * (1 - z.t) * *g;
                to[((size_t)y.low * w + z.high) * c + k] += (1 - y.t) * z.t * *g;
                to[((size_t)y.high * w + z.low) * c + k] += y.t * (1 - z.t) * *g;
                to[((size_t)y.high * w + z.high) * c + k] += y.t * z.t * *g;
            }
        }
    }
    for (size_t i = 0; i < elements(grad_x); i++) grad_x.f[i] = (float)(grad_x.f[i] + sums[i]);
    free(sums);
    return NULL;
}
