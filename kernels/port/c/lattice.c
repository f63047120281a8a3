#include "lattice.h"
#include "kernels.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Vertices by their first d coordinates; the last one is minus the sum of the others. */
typedef struct {
    int dims, count;
    size_t slots;
    int *slot; /* number of a vertex + 1; 0 for a free slot */
    int *key;  /* [count, d] */
} table;

static size_t place(const table *t, const int *key) {
    uint64_t hash = 14695981039346656037u;
    for (int i = 0; i < t->dims; i++) hash = (hash ^ (uint32_t)key[i]) * 1099511628211u;
    size_t at = (size_t)(hash ^ (hash >> 29)) % t->slots;
    while (t->slot[at] && memcmp(t->key + (size_t)(t->slot[at] - 1) * t->dims, key, sizeof(int) * t->dims) != 0) {
        at = (at + 1) % t->slots;
    }
    return at;
}

static int find(const table *t, const int *key) { return t->slot[place(t, key)] - 1; }

static int add(table *t, const int *key) {
    size_t at = place(t, key);
    if (!t->slot[at]) {
        memcpy(t->key + (size_t)t->count * t->dims, key, sizeof(int) * t->dims);
        t->slot[at] = ++t->count;
    }
    return t->slot[at] - 1;
}

/* Puts a position on the plane of d + 1 coordinates whose sum is 0: in binary32, in this order. */
static void elevate(const float *position, int d, float *e) {
    float stretch = (float)(sqrt(2.0 / 3) * (d + 1)), sum = 0;
    for (int i = d; i > 0; i--) {
        float x = position[i - 1] * (float)(1 / sqrt((double)i * (i + 1)) * stretch);
        e[i] = sum - i * x;
        sum += x;
    }
    e[0] = sum;
}

/* Finds the simplex around a point: its d + 1 corners, which are added to the table, and their weights. */
static void enclose(const float *e, int d, table *t, int *corner, double *weight) {
    int size = d + 1, sum = 0;
    int *cell = need(3 * size, sizeof(int)), *rank = cell + size, *key = rank + size;
    float *rest = need(size, sizeof(float)), *sorted = need(size, sizeof(float));
    for (int i = 0; i < size; i++) {
        cell[i] = (int)floorf(e[i] * (1.0f / size) + 0.5f);
        rest[i] = e[i] - cell[i] * size;
        sum += cell[i];
    }
    for (int i = 0; i < size; i++) {
        for (int j = 0; j < i; j++) rank[rest[i] > rest[j] ? j : i]++;
    }
    for (int i = 0; i < size; i++) {
        rank[i] += sum;
        int moved = rank[i] < 0 ? 1 : rank[i] > d ? -1 : 0;
        rank[i] += moved * size;
        cell[i] += moved;
        rest[i] -= moved * size;
        sorted[rank[i]] = rest[i];
    }
    for (int k = 0; k < size; k++) {
        /* Corner k is k up from the cell, and k - (d + 1) where the rank is above d - k. */
        for (int i = 0; i < d; i++) key[i] = cell[i] * size + k - (rank[i] > d - k ? size : 0);
        corner[k] = add(t, key);
        double above = k == 0 ? sorted[d] + (double)size : sorted[d - k];
        double below = k == 0 ? sorted[0] : sorted[d - k + 1];
        weight[k] = (above - below) / size;
    }
    free(cell);
    free(rest);
    free(sorted);
}

/* A step along an axis adds 1 to each coordinate but its own, from which it takes d. */
static int step(const table *t, int vertex, int axis, int direction, int *key) {
    for (int i = 0; i < t->dims; i++) {
        key[i] = t->key[(size_t)vertex * t->dims + i] + direction * (i == axis ? -t->dims : 1);
    }
    return find(t, key);
}

const char *lattice_build(tensor positions, lattice *made) {
    int n = positions.dim[0], d = positions.dim[1], size = d + 1;
    for (size_t i = 0; i < elements(positions); i++) {
        if (!(fabsf(positions.f[i]) < 1e6f)) return "a position is not finite or too far out for a float to place it";
    }
    table t = {d, 0, (size_t)n * size * 2 + 1, NULL, NULL};
    t.slot = need(t.slots, sizeof(int));
    t.key = need((size_t)n * size * d, sizeof(int));
    lattice l = {n, d, 0, need((size_t)n * size, sizeof(int)), need((size_t)n * size, sizeof(double)), NULL, NULL,
        need(n, sizeof(double))};
    float *e = need(size, sizeof(float));
    for (int p = 0; p < n; p++) {
        elevate(positions.f + (size_t)p * d, d, e);
        enclose(e, d, &t, l.corner + (size_t)p * size, l.weight + (size_t)p * size);
    }
    l.vertices = t.count;
    l.before = need((size_t)size * t.count, sizeof(int));
    l.after = need((size_t)size * t.count, sizeof(int));
    int *key = need(d, sizeof(int));
    for (int axis = 0; axis < size; axis++) {
        for (int v = 0; v < t.count; v++) {
            l.before[(size_t)axis * t.count + v] = step(&t, v, axis, -1, key);
            l.after[(size_t)axis * t.count + v] = step(&t, v, axis, 1, key);
        }
    }
    double *ones = need(n, sizeof(double)), *sums = need(n, sizeof(double));
    for (int p = 0; p < n; p++) ones[p] = l.norm[p] = 1;
    lattice_apply(&l, ones, 1, sums);
    for (int p = 0; p < n; p++) l.norm[p] = 1 / sqrt(sums[p] + 1e-20);
    free(ones);
    free(sums);
    free(key);
    free(e);
    free(t.slot);
    free(t.key);
    *made = l;
    return NULL;
}

void lattice_free(lattice *made) {
    free(made->corner);
    free(made->weight);
    free(made->before);
    free(made->after);
    free(made->norm);
}

void lattice_apply(const lattice *l, const double *x, int channels, double *out) {
    int size = l->dims + 1;
    size_t row = (size_t)channels;
    /* The last row stands for neighbours that are not there: zeros. */
    double *values = need((size_t)(l->vertices + 1) * row, sizeof(double));
    double *blurred = need((size_t)(l->vertices + 1) * row, sizeof(double));
    for (int p = 0; p < l->points; p++) {
        for (int k = 0; k < size; k++) {
            double w = l->weight[(size_t)p * size + k] * l->norm[p];
            double *to = values + l->corner[(size_t)p * size + k] * row;
            for (int c = 0; c < channels; c++) to[c] += w * x[p * row + c];
        }
    }
    for (int axis = 0; axis < size; axis++) {
        for (int v = 0; v < l->vertices; v++) {
            int before = l->before[(size_t)axis * l->vertices + v], after = l->after[(size_t)axis * l->vertices + v];
            const double *a = values + (before < 0 ? l->vertices : before) * row;
            const double *b = values + (after < 0 ? l->vertices : after) * row;
            for (int c = 0; c < channels; c++) blurred[v * row + c] = values[v * row + c] + (a[c] + b[c]) / 2;
        }
        double *swap = values;
        values = blurred;
        blurred = swap;
    }
    double gain = 1 / (1 + pow(2, -l->dims));
    for (int p = 0; p < l->points; p++) {
        for (int c = 0; c < channels; c++) {
            double sum = 0;
            for (int k = 0; k < size; k++) {
                sum += l->weight[(size_t)p * size + k] * values[l->corner[(size_t)p * size + k] * row + c];
            }
            out[p * row + c] = gain * l->norm[p] * sum;
        }
    }
    free(values);
    free(blurred);
}

/* The number of vertices of the lattice over positions [N, d]: vertices [1]. */
const char *build_lattice(tensor positions, tensor vertices) {
    lattice l;
    const char *wrong = lattice_build(positions, &l);
    if (wrong) return wrong;
    vertices.i[0] = l.vertices;
    lattice_free(&l);
    return NULL;
}
