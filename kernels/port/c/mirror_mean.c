#include "kernels.h"

/* out[y, x] = (a[0, y, x] + a[1, y, w - 1 - x]) / 2; a [2, h, w, C], out [h, w, C]. */
void mirror_mean(tensor x, tensor out) {
    int h = out.dim[0], w = out.dim[1], n = out.dim[2];
    for (int i = 0; i < h; i++) {
        for (int j = 0; j < w; j++) {
            for (int c = 0; c < n; c++) {
                double own = x.f[((size_t)i * w + j) * n + c];
                double mirrored = x.f[((size_t)(h + i) * w + w - 1 - j) * n + c];
                out.f[((size_t)i * w + j) * n + c] = (float)((own + mirrored) / 2);
            }
        }
    }
}
