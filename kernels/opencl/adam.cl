// A step of Adam (Kingma and Ba 2015) as PyTorch takes it:
//   m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2,
//   parameter -= rate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon)
//   parameter, gradient, mean (m), square (v) [size]; rows = ceil(size / width)
//   keepMean, newMean: beta1 and 1 - beta1; keepSquare, newSquare: beta2 and 1 - beta2;
//   spread: 1 / sqrt(1 - beta2^t); step: rate / (1 - beta1^t)
// Launch: element kernel (see common.cl).

#define ADAM(T, at, GET, PUT)                                                                                          \
    {                                                                                                                  \
        T g = GET(gradient + (at));                                                                                    \
        T m = (T)keepMean * GET(mean + (at)) + (T)newMean * g;                                                         \
        T v = (T)keepSquare * GET(square + (at)) + (T)newSquare * g * g;                                               \
        PUT(m, mean + (at));                                                                                           \
        PUT(v, square + (at));                                                                                         \
        PUT(GET(parameter + (at)) - (T)step * (m / (sqrt(v) * (T)spread + (T)epsilon)), parameter + (at));             \
    }
#define GET_ONE(p) (*(p))
#define PUT_ONE(x, p) (*(p) = (x))

__kernel void adam(__global float* parameter, __global const float* gradient, __global float* mean,
                   __global float* square, int rows, int width, int size, float keepMean, float newMean,
                   float keepSquare, float newSquare, float spread, float epsilon, float step) {
    FOR_ROWS(row, rows) {
        size_t first = (size_t)row * width;
        int count = ROW_LENGTH(row, width, size);
        FOR_VECTORS(c, count) ADAM(floatV, first + c, LOAD, STORE)
        FOR_REST(c, count) ADAM(float, first + c, GET_ONE, PUT_ONE)
    }
}
