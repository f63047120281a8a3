#include "kernels.h"
#include "lattice.h"
#include <stdlib.h>

/* out = norm L(norm x) over the lattice of positions [N, d]; x and out [N, C]. */
const char *lattice_filter(tensor positions, tensor x, tensor out) {
    lattice l;
    const char *wrong = lattice_build(positions, &l);
    if (wrong) return wrong;
    double *values = need(elements(x), sizeof(double));
    for (size_t i = 0; i < elements(x); i++) values[i] = x.f[i];
    lattice_apply(&l, values, channels(x), values);
    for (size_t i = 0; i < elements(x); i++) out.f[i] = (float)values[i];
    free(values);
    lattice_free(&l);
    return NULL;
}
