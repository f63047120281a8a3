/*
 * Every operation under its name in the catalogue (kernels/README.md), as the loop a beginner would write: sums in double
 * precision, one thread, nothing clever. Shapes stand before each function, where it is defined. A tensor that may be absent
 * has a null pointer then. An operation that is given an index out of range returns what is wrong with it, else null.
 */
#ifndef KERNELS_H
#define KERNELS_H

#include "tensor.h"

enum activation { NONE, GELU, RELU };

void linear(tensor x, tensor weight, tensor bias, enum activation activation, tensor residual, tensor out);
void patch_embed(
    tensor image, tensor weight, tensor bias, int patch, tensor prefix, tensor positions, tensor out);
void bicubic(tensor x, double scale_y, double scale_x, tensor out);
void layer_norm(tensor x, tensor gamma, tensor beta, double epsilon, tensor out);
void gelu(tensor x, tensor out);
void swi_glu(tensor x, tensor out);
void rope(tensor cos, tensor sin, tensor qkv);
void attention(tensor qkv, int heads, tensor out);
void attention_weights(tensor qkv, int heads, tensor out);
void slice(tensor x, int first_row, int first_channel, tensor out);
void normalize(tensor x, double epsilon, tensor out);
void bilinear(tensor x, tensor out);
void softmax(tensor x, double scale, tensor out);
void log_softmax(tensor x, double scale, tensor out);
void argmax(tensor x, tensor out);
void mirror_mean(tensor x, tensor out);
const char *cluster_sums(tensor points, tensor labels, tensor sums, tensor counts);

const char *build_lattice(tensor positions, tensor vertices);
const char *lattice_filter(tensor positions, tensor x, tensor out);
const char *mean_field(tensor logits, const tensor *positions, tensor weights, int iterations, tensor out);

void linear_gradient(
    tensor x, tensor weight, tensor grad_out, tensor grad_x, tensor grad_weight, tensor grad_bias);
void fill(tensor out, double value);
void add_scaled(tensor x, double factor, tensor sum);
void relu_gradient(tensor y, tensor grad_out, tensor grad_x);
void scale_channels(tensor x, tensor factors, tensor out);
void normalize_gradient(tensor x, double epsilon, tensor grad_out, tensor grad_x);
void softmax_gradient(tensor y, double scale, tensor grad_out, tensor grad_x);
void bilinear_gradient(tensor grad_out, tensor grad_x);
const char *grid_sample(tensor x, tensor images, tensor coords, tensor out);
const char *grid_sample_gradient(tensor grad_out, tensor images, tensor coords, tensor grad_x);

typedef struct {
    int pointwise, zero_clamp, stabilize;
    double shift;
} correspondence_rule;

void correspondence(
    tensor features1, tensor features2, tensor code1, tensor code2, correspondence_rule rule, double weight,
    tensor grad_code1, tensor grad_code2, tensor loss);
void cross_entropy(
    tensor logits, tensor labels, tensor class_weights, double weight, tensor grad_logits, tensor loss);
void assignment_loss(tensor cosines, double alpha, double weight, tensor grad_cosines, tensor loss);
void agreement_loss(tensor a, tensor b, double weight, tensor grad_a, tensor loss);

typedef struct {
    double alpha, beta, gamma, w1, w2, shift;
} guidance_settings;

const char *crf_loss(
    tensor guidance, tensor code, tensor points, guidance_settings settings, double weight, tensor grad_code,
    tensor loss);

typedef struct {
    double learning_rate, beta1, beta2, epsilon;
} adam_settings;

void adam(tensor parameter, tensor gradient, tensor mean, tensor square, adam_settings settings, int step);
void top_k(tensor queries, tensor keys, tensor similarities, tensor indices);
const char *nearest_centers(
    tensor points, tensor rows, tensor centers, tensor labels, tensor sums, tensor counts);
void running_means(tensor sums, tensor counts, tensor totals, tensor means);

/* Shared by several files. */
double gelu_of(double x);
double dot(const float *a, const float *b, int n);
void softmax_row(const double *x, int n, double *out);
void *need(size_t count, size_t size); /* zeroed memory; ends the program if there is none */

/* One axis of a bilinear resize: out[i] = (1 - t) in[low] + t in[high]. */
typedef struct {
    int low, high;
    double t;
} mix;

mix between(double position, int size); /* position is within 0..size-1 once clamped */
mix resized(int i, int from, int to);   /* where line i of `to` lines lies among `from` lines */

#endif
