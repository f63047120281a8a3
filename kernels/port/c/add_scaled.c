#include "kernels.h"

/* sum += factor x; any shape. */
void add_scaled(tensor x, double factor, tensor sum) {
    for (size_t i = 0; i < elements(x); i++) sum.f[i] = (float)(sum.f[i] + factor * x.f[i]);
}
