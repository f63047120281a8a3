#include "kernels.h"
#include <math.h>
#include <stdlib.h>

/* The weights of one query over all T keys: softmax(q k^T / sqrt(D)). */
static void weigh(tensor qkv, int heads, int b, int head, int query, double *weights) {
    int tokens = qkv.dim[1], width = qkv.dim[2], c = width / 3, d = c / heads;
    const float *q = qkv.f + ((size_t)b * tokens + query) * width + (size_t)head * d;
    for (int t = 0; t < tokens; t++) {
        const float *k = qkv.f + ((size_t)b * tokens + t) * width + c + (size_t)head * d;
        weights[t] = dot(q, k, d) / sqrt(d);
    }
    softmax_row(weights, tokens, weights);
}

/* qkv [B, T, 3 C]: queries, keys, values, each with its heads one after the other, C = heads D; out [B, T, C]. */
void attention(tensor qkv, int heads, tensor out) {
    int tokens = qkv.dim[1], width = qkv.dim[2], c = width / 3, d = c / heads;
    double *weights = need(tokens, sizeof(double)), *sums = need(d, sizeof(double));
    for (int b = 0; b < qkv.dim[0]; b++) {
        for (int head = 0; head < heads; head++) {
            for (int query = 0; query < tokens; query++) {
                weigh(qkv, heads, b, head, query, weights);
                for (int i = 0; i < d; i++) sums[i] = 0;
                for (int t = 0; t < tokens; t++) {
                    const float *v = qkv.f + ((size_t)b * tokens + t) * width + 2 * c + (size_t)head * d;
                    for (int i = 0; i < d; i++) sums[i] += weights[t] * v[i];
                }
                float *to = out.f + ((size_t)b * tokens + query) * c + (size_t)head * d;
                for (int i = 0; i < d; i++) to[i] = (float)sums[i];
            }
        }
    }
    free(weights);
    free(sums);
}

/* The weights themselves for the first Q queries: out [B, heads, Q, T]. */
void attention_weights(tensor qkv, int heads, tensor out) {
    int tokens = qkv.dim[1];
    double *weights = need(tokens, sizeof(double));
    float *to = out.f;
    for (int b = 0; b < qkv.dim[0]; b++) {
        for (int head = 0; head < heads; head++) {
            for (int query = 0; query < out.dim[2]; query++) {
                weigh(qkv, heads, b, head, query, weights);
                for (int t = 0; t < tokens; t++) *to++ = (float)weights[t];
            }
        }
    }
    free(weights);
}
