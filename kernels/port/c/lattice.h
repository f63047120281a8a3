/* The permutohedral lattice (Adams, Baek and Davis 2010) over N points in d dimensions. */
#ifndef LATTICE_H
#define LATTICE_H

#include "tensor.h"

typedef struct {
    int points, dims;
    int vertices;
    int *corner;    /* [N, d + 1]: the vertices around each point */
    double *weight; /* [N, d + 1]: and how near they are */
    int *before;    /* [d + 1, V]: each vertex' neighbours along each axis; -1 for none */
    int *after;
    double *norm; /* [N] */
} lattice;

const char *lattice_build(tensor positions, lattice *made); /* an error, or null */
void lattice_free(lattice *made);
/* out = norm L(norm x): splat, blur along each axis, slice; x and out [N, channels]. */
void lattice_apply(const lattice *l, const double *x, int channels, double *out);

#endif
