#include "kernels.h"

/* Prefix tokens, then patch by patch pixels(p) W^T + b + positions[p]; pixels in the order channel, row, column.
 * image [B, 3, H, W], weight [C, 3 patch patch], bias [C], prefix [Q, C], positions [P, C], out [B, Q + P, C]. */
void patch_embed(
    tensor image, tensor weight, tensor bias, int patch, tensor prefix, tensor positions, tensor out) {
    int planes = image.dim[1], height = image.dim[2], width = image.dim[3];
    int outputs = weight.dim[0], inputs = weight.dim[1], first = prefix.dim[0], across = width / patch;
    for (int b = 0; b < out.dim[0]; b++) {
        for (int t = 0; t < out.dim[1]; t++) {
            for (int c = 0; c < outputs; c++) {
                size_t at = ((size_t)b * out.dim[1] + t) * outputs + c;
                if (t < first) {
                    out.f[at] = prefix.f[(size_t)t * outputs + c];
                    continue;
                }
                int p = t - first;
                double sum = positions.f[(size_t)p * outputs + c];
                if (bias.f) sum += bias.f[c];
                for (int i = 0; i < inputs; i++) {
                    int plane = i / (patch * patch);
                    int y = p / across * patch + i / patch % patch;
                    int x = p % across * patch + i % patch;
                    sum += (double)image.f[(((size_t)b * planes + plane) * height + y) * width + x]
                        * weight.f[(size_t)c * inputs + i];
                }
                out.f[at] = (float)sum;
            }
        }
    }
}
