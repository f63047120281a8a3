#include "kernels.h"

/* out[b, p, c] = x[b, p, c] factors[b, c]; x and out [B, ..., C], factors [B, C]. In place. */
void scale_channels(tensor x, tensor factors, tensor out) {
    int n = channels(x);
    size_t image = x.dim[0] == 0 ? 1 : elements(x) / (size_t)x.dim[0];
    for (size_t i = 0; i < elements(x); i++) out.f[i] = x.f[i] * factors.f[i / image * n + i % n];
}
