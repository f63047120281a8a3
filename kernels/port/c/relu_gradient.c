#include "kernels.h"

/* gradX = y > 0 ? g : 0, y being the output of ReLU; gradX may be gradOut. */
void relu_gradient(tensor y, tensor grad_out, tensor grad_x) {
    for (size_t i = 0; i < elements(y); i++) grad_x.f[i] = y.f[i] > 0 ? grad_out.f[i] : 0;
}
