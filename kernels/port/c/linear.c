#include "kernels.h"

/* out = activation(x W^T + b + residual); x [..., K], weight [N, K], bias [N], residual and out [..., N].
 * ReLU keeps NaN. */
void linear(tensor x, tensor weight, tensor bias, enum activation activation, tensor residual, tensor out) {
    int inputs = weight.dim[1], outputs = weight.dim[0];
    for (int r = 0; r < rows(x); r++) {
        for (int n = 0; n < outputs; n++) {
            size_t at = (size_t)r * outputs + n;
            double sum = dot(x.f + (size_t)r * inputs, weight.f + (size_t)n * inputs, inputs);
            if (bias.f) sum += bias.f[n];
            if (residual.f) sum += residual.f[at];
            if (activation == GELU) sum = gelu_of(sum);
            if (activation == RELU && sum < 0) sum = 0;
            out.f[at] = (float)sum;
        }
    }
}
