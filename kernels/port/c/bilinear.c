#include "kernels.h"
#include <stdlib.h>

mix between(double position, int size) {
    mix m;
    if (!(position > 0)) position = 0; /* NaN, too */
    if (position > size - 1) position = size - 1;
    m.low = (int)position;
    m.high = m.low + 1 < size ? m.low + 1 : m.low;
    m.t = position - m.low;
    return m;
}

mix resized(int i, int from, int to) { return between((i + 0.5) * from / to - 0.5, from); }

/* [B, h, w, C] to [B, H, W, C]; align_corners false, borders repeated. */
void bilinear(tensor x, tensor out) {
    int h = x.dim[1], w = x.dim[2], c = x.dim[3];
    float *to = out.f;
    for (int b = 0; b < out.dim[0]; b++) {
        const float *from = x.f + (size_t)b * h * w * c;
        for (int i = 0; i < out.dim[1]; i++) {
            mix y = resized(i, h, out.dim[1]);
            for (int j = 0; j < out.dim[2]; j++) {
                mix z = resized(j, w, out.dim[2]);
                for (int k = 0; k < c; k++) {
                    double above = (1 - z.t) * from[((size_t)y.low * w + z.low) * c + k]
                        + z.t * from[((size_t)y.low * w + z.high) * c + k];
                    double below = (1 - z.t) * from[((size_t)y.high * w + z.low) * c + k]
                        + z.t * from[((size_t)y.high * w + z.high) * c + k];
                    *to++ = (float)((1 - y.t) * above + y.t * below);
                }
            }
        }
    }
}

/* The transpose: each pixel of gradOut [B, H, W, C] goes back to the four it was mixed of in gradX [B, h, w, C]. */
void bilinear_gradient(tensor grad_out, tensor grad_x) {
    int h = grad_x.dim[1], w = grad_x.dim[2], c = grad_x.dim[3];
    double *sums = need(elements(grad_x), sizeof(double));
    const float *g = grad_out.f;
    for (int b = 0; b < grad_out.dim[0]; b++) {
        double *to = sums + (size_t)b * h * w * c;
        for (int i = 0; i < grad_out.dim[1]; i++) {
            mix y = resized(i, h, grad_out.dim[1]);
            for (int j = 0; j < grad_out.dim[2]; j++) {
                mix z = resized(j, w, grad_out.dim[2]);
                for (int k = 0; k < c; k++, g++) {
                    to[((size_t)y.low * w + z.low) * c + k] += (1 - y.t) * (1 - z.t) * *g;
                    to[((size_t)y.low * w + z.high) * c + k] += (1 - y.t) * z.t * *g;
                    to[((size_t)y.high * w + z.low) * c + k] += y.t * (1 - z.t) * *g;
                    to[((size_t)y.high * w + z.high) * c + k] += y.t * z.t * *g;
                }
            }
        }
    }
    for (size_t i = 0; i < elements(grad_x); i++) grad_x.f[i] = (float)sums[i];
    free(sums);
}
