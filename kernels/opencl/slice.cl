// Copies a block of rows and channels: out[b, i, j] = x[b, firstRow + i, firstChannel + j].
//   x [B, T, C], out [B, P, D]; rows = B P
// Launch: row kernel over out (see common.cl).

__kernel void slice(__global const activation_t* x, int rows, int tokens, int channels, int firstRow, int firstChannel,
                    int outTokens, int outChannels, __global float* out) {
    FOR_ROWS(row, rows) {
        int source = row / outTokens * tokens + firstRow + row % outTokens;
        __global const activation_t* from = x + (size_t)source * channels + firstChannel;
        __global float* to = out + (size_t)row * outChannels;
        FOR_VECTORS(c, outChannels) { STORE(LOAD_ACTIVATIONS(from + c), to + c); }
        FOR_REST(c, outChannels) { to[c] = LOAD_ACTIVATION(from + c); }
    }
}
