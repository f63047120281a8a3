// Gate of a SwiGLU layer (Shazeer 2020): out[c] = silu(x[c]) x[channels + c] with silu(a) = a / (1 + exp(-a)).
//   x [rows, 2 channels], out [rows, channels]
// Launch: row kernel over out (see common.cl).

__kernel void swi_glu(__global const float* x, int rows, int channels, __global float* out) {
    FOR_ROWS(row, rows) {
        __global const float* gate = x + (size_t)row * 2 * channels;
        __global const float* value = gate + channels;
        __global float* to = out + (size_t)row * channels;
        FOR_VECTORS(c, channels) {
            floatV a = LOAD(gate + c);
            STORE(a / (TO_V(1.0f) + exponential(-a)) * LOAD(value + c), to + c);
        }
        FOR_REST(c, channels) { to[c] = gate[c] / (1 + exponential(-gate[c])) * value[c]; }
    }
}
