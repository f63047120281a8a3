// Gate of a SwiGLU layer (Shazeer 2020): out[c] = silu(x[c]) x[channels + c] with silu(a) = a / (1 + exp(-a)).
//   x [rows, 2 channels], out [rows, channels]
// Launch: row kernel over out (see common.cl).

__kernel void swi_glu(__global const activation_t* x, int rows, int channels, __global activation_t* out) {
    FOR_ROWS(row, rows) {
        __global const activation_t* gate = x + (size_t)row * 2 * channels;
        __global const activation_t* value = gate + channels;
        __global activation_t* to = out + (size_t)row * channels;
        FOR_VECTORS(c, channels) {
            floatV a = LOAD_ACTIVATIONS(gate + c);
            STORE_ACTIVATIONS(a / (TO_V(1.0f) + exponential(-a)) * LOAD_ACTIVATIONS(value + c), to + c);
        }
        FOR_REST(c, channels) {
            float a = LOAD_ACTIVATION(gate + c);
            STORE_ACTIVATION(a / (1 + exponential(-a)) * LOAD_ACTIVATION(value + c), to + c);
        }
    }
}
