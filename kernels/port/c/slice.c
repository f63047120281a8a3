#include "kernels.h"

/* out[b, i, j] = x[b, firstRow + i, firstChannel + j]; x [B, T, C], out [B, P, D]. */
void slice(tensor x, int first_row, int first_channel, tensor out) {
    float *to = out.f;
    for (int b = 0; b < out.dim[0]; b++) {
        for (int i = 0; i < out.dim[1]; i++) {
            for (int j = 0; j < out.dim[2]; j++) {
                *to++ = x.f[((size_t)b * x.dim[1] + first_row + i) * x.dim[2] + first_channel + j];
            }
        }
    }
}
