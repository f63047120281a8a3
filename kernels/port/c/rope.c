#include "kernels.h"

/* Turns queries and keys of the last P tokens: channels c and c + D/2 of each head are a point, for c < D/2, which turns by
 * the angle of its token and c. Values and the tokens before stay. cos and sin [P, D/2], qkv [B, T, 3 C]. */
void rope(tensor cos, tensor sin, tensor qkv) {
    int tokens = qkv.dim[1], width = qkv.dim[2], patches = cos.dim[0], half = cos.dim[1];
    for (int b = 0; b < qkv.dim[0]; b++) {
        for (int p = 0; p < patches; p++) {
            float *token = qkv.f + ((size_t)b * tokens + tokens - patches + p) * width;
            for (int head = 0; head < width / 3 * 2; head += 2 * half) {
                for (int c = 0; c < half; c++) {
                    double x = token[head + c], y = token[head + half + c];
                    double by = cos.f[p * half + c], up = sin.f[p * half + c];
                    token[head + c] = (float)(x * by - y * up);
                    token[head + half + c] = (float)(y * by + x * up);
                }
            }
        }
    }
}
