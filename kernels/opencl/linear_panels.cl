// The operands of linear layers on matrix units, in front of linear_matrix.cl and linear_mfma.cl, which say what they hold;
// WORD_PLACE(word) tells where a word of 16 lies in a row of a tile of weights.

// Rounds x [rows, K] to [rows, rowChunks chunks].
//   global size: rows * rowChunks; an item packs a chunk
__kernel void pack_rows(__global const activation_t* x, int inputs, int rowChunks, __global uint4* packed) {
    int at = get_global_id(0);
    packed[at] = round_chunk(x + (size_t)(at / rowChunks) * inputs, at % rowChunks, inputs, true);
}

#if TF32 == 1
#define WORD_STEPS 1
typedef float weight_t;
#define STORE_WEIGHT(x, p, i) ((p)[i] = ten_bits(x))
#else
#define WORD_STEPS 2
typedef half weight_t;
#define STORE_WEIGHT(x, p, i) vstore_half(x, i, p)
#endif

// Lays weights out in panels, and pads the bias; arguments as in linear.cl.
//   global size: panels * COLUMNS; item n copies output channel n
__kernel void pack_linear(__global const float* weight, int outputStride, int inputStride, __global const float* bias,
                          int hasBias, int inputs, int outputs, __global weight_t* panels, __global float* padded) {
    int n = get_global_id(0);
    int slices = (inputs + STEPS - 1) / STEPS;
    for (int k = 0; k < slices * STEPS; k++) {
        bool there = n < outputs && k < inputs;
        float value = there ? weight[(size_t)n * outputStride + (size_t)k * inputStride] : 0;
        size_t row = ((size_t)(n / COLUMNS) * slices + k / STEPS) * COLUMNS + n % COLUMNS;
        int word = k % STEPS / WORD_STEPS;
        STORE_WEIGHT(value, panels, row * STEPS + WORD_PLACE(word) * WORD_STEPS + k % WORD_STEPS);
    }
    padded[n] = n < outputs && hasBias ? bias[n] : 0;
}

float activate_one(float x, int activation) {
    return activation == 1 ? gelu_(x) : activation == 2 && x < 0 ? 0 : x;
}
