#include "kernels.h"
#include <math.h>

/* x/2 (1 + erf(x / sqrt 2)), by erfc, which keeps the digits of the tail where 1 + erf cancels. */
double gelu_of(double x) { return x / 2 * erfc(-x / sqrt(2)); }

void gelu(tensor x, tensor out) {
    for (size_t i = 0; i < elements(x); i++) out.f[i] = (float)gelu_of(x.f[i]);
}
