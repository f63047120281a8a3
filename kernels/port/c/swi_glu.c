#include "kernels.h"
#include <math.h>

/* out[c] = silu(x[c]) x[C + c], silu(a) = a / (1 + exp(-a)); x [..., 2 C], out [..., C]. */
void swi_glu(tensor x, tensor out) {
    int n = channels(out);
    for (int r = 0; r < rows(out); r++) {
        for (int c = 0; c < n; c++) {
            double a = x.f[(size_t)r * 2 * n + c], b = x.f[(size_t)r * 2 * n + n + c];
            out.f[(size_t)r * n + c] = (float)(a / (1 + exp(-a)) * b);
        }
    }
}
