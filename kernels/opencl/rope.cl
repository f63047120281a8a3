// Rotation of queries and keys (RoPE: Su et al. 2021), in place, of the last P tokens: in each head the points
// (c, c + half) turn by the angle of the token and c,
// x[c], x[c + half] = x[c] cos - x[c + half] sin, x[c + half] cos + x[c] sin.
//   cos, sin [P, half], qkv [B, T, 3, H, 2 half]; rows = B P, heads = 2 H: the queries' and the keys'
// Launch: row kernel over the rows that turn (see common.cl); a row's heads one after the other.

__kernel void rope(__global const float* cosines, __global const float* sines, int rows, int patches, int tokens,
                   int heads, int half_, __global activation_t* qkv) {
    FOR_ROWS(row, rows) {
        int patch = row % patches;
        size_t token = (size_t)(row / patches) * tokens + tokens - patches + patch;
        __global const float* cosine = cosines + (size_t)patch * half_;
        __global const float* sine = sines + (size_t)patch * half_;
        __global activation_t* first = qkv + token * (heads / 2 * 3) * 2 * half_;
        for (int head = 0; head < heads; head++, first += 2 * half_) {
            __global activation_t* second = first + half_;
            FOR_VECTORS(c, half_) {
                floatV a = LOAD_ACTIVATIONS(first + c);
                floatV b = LOAD_ACTIVATIONS(second + c);
                STORE_ACTIVATIONS(fma(a, LOAD(cosine + c), -(b * LOAD(sine + c))), first + c);
                STORE_ACTIVATIONS(fma(b, LOAD(cosine + c), a * LOAD(sine + c)), second + c);
            }
            FOR_REST(c, half_) {
                float a = LOAD_ACTIVATION(first + c);
                float b = LOAD_ACTIVATION(second + c);
                STORE_ACTIVATION(fma(a, cosine[c], -(b * sine[c])), first + c);
                STORE_ACTIVATION(fma(b, cosine[c], a * sine[c]), second + c);
            }
        }
    }
}
