#include "kernels.h"
#include <stdio.h>
#include <stdlib.h>

double dot(const float *a, const float *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)a[i] * b[i];
    return sum;
}

void *need(size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size);
    if (!memory) {
        fprintf(stderr, "out of memory: %zu elements of %zu bytes\n", count, size);
        exit(1);
    }
    return memory;
}
