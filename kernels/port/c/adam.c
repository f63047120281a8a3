#include "kernels.h"
#include <math.h>

/* One step of Adam in PyTorch's form: epsilon is added to the root of the corrected mean of squares; step counts from 1. */
void adam(tensor parameter, tensor gradient, tensor mean, tensor square, adam_settings s, int step) {
    for (size_t i = 0; i < elements(parameter); i++) {
        double g = gradient.f[i];
        double m = s.beta1 * mean.f[i] + (1 - s.beta1) * g;
        double v = s.beta2 * square.f[i] + (1 - s.beta2) * g * g;
        double corrected = sqrt(v / (1 - pow(s.beta2, step)));
        mean.f[i] = (float)m;
        square.f[i] = (float)v;
        parameter.f[i] = (float)(parameter.f[i] - s.learning_rate * m / (1 - pow(s.beta1, step)) / (corrected + s.epsilon));
    }
}
