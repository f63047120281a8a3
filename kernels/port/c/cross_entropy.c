#include "kernels.h"
#include <math.h>
#include <stdlib.h>

/* Mean of w[label] (log sum exp(l) - l[label]) over the labels in 0..N-1, l being the logits resized as by bilinear; other
 * labels don't count, and if none counts, loss and gradient are 0. Without weights of classes, w is 1.
 * logits and gradLogits [B, h, w, N], labels [B, H, W] integers, classWeights [N], loss [1]. */
void cross_entropy(
    tensor logits, tensor labels, tensor class_weights, double weight, tensor grad_logits, tensor loss) {
    int h = logits.dim[1], w = logits.dim[2], n = logits.dim[3], H = labels.dim[1], W = labels.dim[2];
    double *sums = need(elements(logits), sizeof(double)), *l = need(n, sizeof(double)), total = 0;
    size_t valid = 0;
    for (size_t i = 0; i < elements(labels); i++) valid += labels.i[i] >= 0 && labels.i[i] < n;
    for (size_t i = 0; i < elements(labels); i++) {
        int label = labels.i[i];
        if (label < 0 || label >= n) continue;
        mix y = resized((int)(i / W % H), h, H), x = resized((int)(i % W), w, W);
        size_t image = i / W / H * h * w;
        size_t corner[4] = {
            image + (size_t)y.low * w + x.low, image + (size_t)y.low * w + x.high,
            image + (size_t)y.high * w + x.low, image + (size_t)y.high * w + x.high};
        double share[4] = {(1 - y.t) * (1 - x.t), (1 - y.t) * x.t, y.t * (1 - x.t), y.t * x.t};
        double max = -INFINITY, sum = 0;
        for (int c = 0; c < n; c++) {
            l[c] = 0;
            for (int k = 0; k < 4; k++) l[c] += share[k] * logits.f[corner[k] * n + c];
            if (!(l[c] <= max)) max = l[c];
        }
        for (int c = 0; c < n; c++) sum += exp(l[c] - max);
        double own = class_weights.f ? class_weights.f[label] : 1;
        total += own * (log(sum) + max - l[label]) / valid;
        for (int c = 0; c < n; c++) {
            double g = own * weight / valid * (exp(l[c] - max) / sum - (c == label));
            for (int k = 0; k < 4; k++) sums[corner[k] * n + c] += share[k] * g;
        }
    }
    for (size_t i = 0; i < elements(logits); i++) grad_logits.f[i] = (float)sums[i];
    loss.f[0] = (float)total;
    free(sums);
    free(l);
}
