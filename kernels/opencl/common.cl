// The start of every program: vectors of a width chosen per device, sums over the lanes of a row, and elementary
// functions. The host puts this file in front of each of the others.
//
// Row kernels (layer_norm, softmax, ...) share one launch geometry: a work group of LANES items takes BLOCK rows, one
// after the other; in a row, lane l takes the channels V l to V l + V - 1, V (l + LANES) ..., and what is left over by
// whole vectors one by one. A CPU has LANES 1, a GPU V 1.
//   global size: LANES * ceil(rows / BLOCK), local size: LANES
//
// Element kernels (adam, add_scaled, relu_gradient) are row kernels over an array cut into rows of `width` elements, the
// last of which may be shorter.
//
// V      floats in a vector: 1, 4, 8 or 16
// LANES  work items that share a row, a power of two
// BLOCK  rows that a work group takes

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

#if V == 1
typedef float floatV;
typedef int intV;
#define LOAD(p) (*(p))
#define STORE(x, p) (*(p) = (x))
#define AS_FLOAT(x) as_float(x)
#define AS_INT(x) as_int(x)
#define TO_V(x) ((float)(x))
#else
typedef JOIN(float, V) floatV;
typedef JOIN(int, V) intV;
#define LOAD(p) JOIN(vload, V)(0, p)
#define STORE(x, p) JOIN(vstore, V)(x, 0, p)
#define AS_FLOAT(x) JOIN(as_float, V)(x)
#define AS_INT(x) JOIN(as_int, V)(x)
#define TO_V(x) ((floatV)(x))
#endif

// Activations, which the layers of a network pass to each other, are 16-bit floats where HALVES is 1, on GPUs (V is 1). A
// kernel's tensors of activation_t are such; it computes in 32 bits.
#if HALVES == 1
typedef half activation_t;
#define LOAD_ACTIVATIONS(p) vload_half(0, p)
#define STORE_ACTIVATIONS(x, p) vstore_half(x, 0, p)
#define LOAD_ACTIVATION(p) vload_half(0, p)
#define STORE_ACTIVATION(x, p) vstore_half(x, 0, p)
#define STORE_QUAD(x, p) vstore_half4(x, 0, p)
#else
typedef float activation_t;
#define LOAD_ACTIVATIONS(p) LOAD(p)
#define STORE_ACTIVATIONS(x, p) STORE(x, p)
#define LOAD_ACTIVATION(p) (*(p))
#define STORE_ACTIVATION(x, p) (*(p) = (x))
#define STORE_QUAD(x, p) (*(__global float4*)(p) = (x))
#endif

// The channels that whole vectors cover.
#define WHOLE(channels) ((channels) / V * V)
// Visits the channels of a row that are this lane's: whole vectors first, then single channels.
#define FOR_VECTORS(c, channels) for (int c = LANE * V; c < WHOLE(channels); c += LANES * V)
#define FOR_REST(c, channels) for (int c = WHOLE(channels) + LANE; c < (channels); c += LANES)
// Visits the rows of this work group.
#define FOR_ROWS(row, rows)                                                                                            \
    for (int row = get_group_id(0) * BLOCK, lastRow_ = min((int)(get_group_id(0) + 1) * BLOCK, rows); row < lastRow_;  \
         row++)
// The elements of a row of an array of `size`, cut into rows of `width`.
#define ROW_LENGTH(row, width, size) min(width, (size) - (row) * (width))

#if LANES == 1
#define LANE 0
#define LANE_SCRATCH(name)
#define LANES_SUM(x, name) (x)
#define LANES_MAX(x, name) (x)
#else
#define LANE ((int)get_local_id(0))
#define LANE_SCRATCH(name) __local float name[LANES]
#define LANES_SUM(x, name) lanes_sum(x, name)
#define LANES_MAX(x, name) lanes_max(x, name)

// Every lane gets the sum over all lanes, added up in an order that never changes.
float lanes_sum(float x, __local float* scratch) {
    barrier(CLK_LOCAL_MEM_FENCE);
    scratch[LANE] = x;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int half_ = LANES / 2; half_ > 0; half_ /= 2) {
        if (LANE < half_) {
            scratch[LANE] += scratch[LANE + half_];
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    return scratch[0];
}

float lanes_max(float x, __local float* scratch) {
    barrier(CLK_LOCAL_MEM_FENCE);
    scratch[LANE] = x;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int half_ = LANES / 2; half_ > 0; half_ /= 2) {
        if (LANE < half_) {
            scratch[LANE] = fmax(scratch[LANE], scratch[LANE + half_]);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    return scratch[0];
}
#endif

#if V == 1
float vector_sum(float x) {
    return x;
}
float vector_max(float x) {
    return x;
}
#elif V == 4
float vector_sum(float4 x) {
    return (x.s0 + x.s2) + (x.s1 + x.s3);
}
float vector_max(float4 x) {
    return fmax(fmax(x.s0, x.s2), fmax(x.s1, x.s3));
}
#elif V == 8
float vector_sum(float8 x) {
    float4 y = x.lo + x.hi;
    return (y.s0 + y.s2) + (y.s1 + y.s3);
}
float vector_max(float8 x) {
    float4 y = fmax(x.lo, x.hi);
    return fmax(fmax(y.s0, y.s2), fmax(y.s1, y.s3));
}
#else
float vector_sum(float16 x) {
    float8 z = x.lo + x.hi;
    float4 y = z.lo + z.hi;
    return (y.s0 + y.s2) + (y.s1 + y.s3);
}
float vector_max(float16 x) {
    float8 z = fmax(x.lo, x.hi);
    float4 y = fmax(z.lo, z.hi);
    return fmax(fmax(y.s0, y.s2), fmax(y.s1, y.s3));
}
#endif

// This lane's part of the dot product of two rows; LANES_SUM joins the parts.
float row_dot(__global const float* a, __global const float* b, int count) {
    floatV sums = 0;
    float sum = 0;
    FOR_VECTORS(c, count) { sums = fma(LOAD(a + c), LOAD(b + c), sums); }
    FOR_REST(c, count) { sum = fma(a[c], b[c], sum); }
    return sum + vector_sum(sums);
}

// x with 10 bits after the first one, as 16-bit and TF32 floats have them: to the nearest, halves away from zero. Infinity
// and what is (quietly) not a number stay so: rounding up NVIDIA's own, 0x7fffffff, would make it -0.
float ten_bits(float x) {
    uint bits = as_uint(x);
    uint half_ = (bits & 0x7f800000u) == 0x7f800000u ? 0 : 0x1000;
    return as_float((bits + half_) & ~0x1fffu);
}

// Elementary functions without branches or tables, the same polynomials as the CPU kernels' (ScalarMath.java has their
// derivation and errors). EXPONENT_SHIFTER leaves a small number, rounded to an integer plus 127, in the lowest bits:
// the exponent field of a float.
#define EXPONENT_SHIFTER 12583039.0f
#define LOG2_E 1.442695f
#define LOG2_E_REST 1.925963e-8f

#define ELEMENTARY(T, AS_F, AS_I)                                                                                      \
    /* 2^r for r in [-1/2, 1/2]. */                                                                                    \
    __attribute__((overloadable)) T pow2_(T r) {                                                                       \
        T p = fma(r, (T)0.0013264646f, (T)0.0096715763f);                                                              \
        p = fma(r, p, (T)0.055507347f);                                                                                \
        p = fma(r, p, (T)0.24022241f);                                                                                 \
        p = fma(r, p, (T)0.6931470f);                                                                                  \
        return fma(r, p, (T)1.0f);                                                                                     \
    }                                                                                                                  \
    /* e^x, relative error under 2e-7; not a number stays so. */                                                       \
    __attribute__((overloadable)) T exponential(T x) {                                                                 \
        T clamped = x < (T)-88.0f ? (T)-88.0f : x;                                                                     \
        clamped = clamped > (T)89.0f ? (T)89.0f : clamped;                                                             \
        T shifted = fma(clamped, (T)LOG2_E, (T)EXPONENT_SHIFTER);                                                      \
        T r = fma(clamped, (T)LOG2_E_REST, fma(clamped, (T)LOG2_E, (T)EXPONENT_SHIFTER - shifted));                    \
        return pow2_(r) * AS_F(AS_I(shifted) << 23);                                                                   \
    }                                                                                                                  \
    /* 2^-x for x >= 0, relative error under 2e-7; not a number stays so. */                                           \
    __attribute__((overloadable)) T exp2_negated(T x) {                                                                \
        T clamped = x > (T)127.0f ? (T)127.0f : x;                                                                     \
        T shifted = (T)EXPONENT_SHIFTER - clamped;                                                                     \
        T r = (T)EXPONENT_SHIFTER - shifted - clamped;                                                                 \
        return pow2_(r) * AS_F(AS_I(shifted) << 23);                                                                   \
    }                                                                                                                  \
    /* Exact GELU, x/2 (1 + erf(x / sqrt 2)), as max(x, 0) - a Phi(-a) with a = |x|. */                                \
    __attribute__((overloadable)) T gelu_(T x) {                                                                       \
        T a = fabs(x);                                                                                                 \
        T clamped = fmin(a, (T)13.0f);                                                                                 \
        T log_ = fma(clamped, (T)-1.0601554e-9f, (T)5.6228198e-8f);                                                    \
        log_ = fma(clamped, log_, (T)-1.1714409e-6f);                                                                  \
        log_ = fma(clamped, log_, (T)1.1197570e-5f);                                                                   \
        log_ = fma(clamped, log_, (T)-2.3278641e-5f);                                                                  \
        log_ = fma(clamped, log_, (T)-6.0247921e-4f);                                                                  \
        log_ = fma(clamped, log_, (T)0.0077752112f);                                                                   \
        log_ = fma(clamped, log_, (T)-0.053068265f);                                                                   \
        log_ = fma(clamped, log_, (T)-0.45899162f);                                                                    \
        log_ = fma(clamped, log_, (T)-1.1511332f);                                                                     \
        log_ = fma(clamped, log_, (T)-1.0f);                                                                           \
        T shifted = log_ + (T)EXPONENT_SHIFTER;                                                                        \
        T r = log_ + ((T)EXPONENT_SHIFTER - shifted);                                                                  \
        T tail = pow2_(r) * clamped * AS_F(AS_I(shifted) << 23);                                                       \
        return (x + a) * 0.5f - tail;                                                                                  \
    }

ELEMENTARY(float, as_float, as_int)
#if V > 1
ELEMENTARY(floatV, AS_FLOAT, AS_INT)
#endif
