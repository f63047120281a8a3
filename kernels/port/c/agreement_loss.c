#include "kernels.h"

/* -mean over rows of a . b, and its gradient for a; a, b and gradA [..., C], loss [1]. */
void agreement_loss(tensor a, tensor b, double weight, tensor grad_a, tensor loss) {
    double total = 0;
    for (size_t i = 0; i < elements(a); i++) {
        total -= (double)a.f[i] * b.f[i] / rows(a);
        grad_a.f[i] = (float)(-weight * b.f[i] / rows(a));
    }
    loss.f[0] = (float)total;
}
