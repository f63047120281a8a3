#include "kernels.h"
#include <stdlib.h>

/* gradX = g W, gradWeight = g^T x, gradBias = column sums of g; each may be absent.
 * x and gradX [..., K], weight and gradWeight [N, K], gradOut [..., N], gradBias [N]. */
void linear_gradient(
    tensor x, tensor weight, tensor grad_out, tensor grad_x, tensor grad_weight, tensor grad_bias) {
    int inputs = weight.dim[1], outputs = weight.dim[0];
    const float *g = grad_out.f;
    if (grad_x.f) {
        for (int r = 0; r < rows(grad_out); r++) {
            for (int k = 0; k < inputs; k++) {
                double sum = 0;
                for (int n = 0; n < outputs; n++) sum += (double)g[(size_t)r * outputs + n] * weight.f[(size_t)n * inputs + k];
                grad_x.f[(size_t)r * inputs + k] = (float)sum;
            }
        }
    }
    double *sums = need(inputs, sizeof(double));
    for (int n = 0; n < outputs; n++) {
        double bias = 0;
        for (int k = 0; k < inputs; k++) sums[k] = 0;
        for (int r = 0; r < rows(grad_out); r++) {
            double here = g[(size_t)r * outputs + n];
            bias += here;
            for (int k = 0; grad_weight.f && k < inputs; k++) sums[k] += here * x.f[(size_t)r * inputs + k];
        }
        for (int k = 0; grad_weight.f && k < inputs; k++) grad_weight.f[(size_t)n * inputs + k] = (float)sums[k];
        if (grad_bias.f) grad_bias.f[n] = (float)bias;
    }
    free(sums);
}
