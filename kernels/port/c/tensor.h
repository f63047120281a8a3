/* A dense row-major tensor: floats, or 32-bit integers. Channels are the last dimension, rows all others. */
#ifndef TENSOR_H
#define TENSOR_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    float *f;   /* the elements, null if the tensor is absent */
    int32_t *i; /* the same elements, if they are integers */
    int rank;
    int dim[8];
} tensor;

static inline size_t elements(tensor t) {
    size_t n = 1;
    for (int i = 0; i < t.rank; i++) n *= (size_t)t.dim[i];
    return n;
}

static inline int channels(tensor t) { return t.dim[t.rank - 1]; }

static inline int rows(tensor t) { return channels(t) == 0 ? 0 : (int)(elements(t) / (size_t)channels(t)); }

#endif
