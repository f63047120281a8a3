package org.stegokernels.device.cpu;

/**
 * Innermost loops of the operations that go row by row: layer norm, GELU, SwiGLU, RoPE, normalize, softmax, argmax,
 * resampling, mirror mean and cluster sums. Rows lie one after the other from {@code offset} on, {@code channels}
 * floats each. {@code out} may be {@code x} where {@link org.stegokernels.device.Kernels} allows it.
 */
interface RowLanes {
    /** Computes {@code out = (x - mean) / sqrt(variance + epsilon) * gamma + beta} for each of {@code rows} rows. */
    void layerNorm(
            float[] x, int offset, int rows, int channels, float[] gamma, float[] beta, float epsilon, float[] out);

    /** Computes {@code out[i] = gelu(x[i])} for i in {@code from} to {@code to - 1}. */
    void gelu(float[] x, int from, int to, float[] out);

    /**
     * Computes {@code out[outOffset + c] = silu(x[offset + c]) x[offset + channels + c]} for c in 0 to {@code channels
     * - 1}.
     */
    void swiGlu(float[] x, int offset, int channels, float[] out, int outOffset);

    /**
     * Turns the points (c, c + half) of each of {@code heads} heads, 2 half channels each, in place: {@code x[c], x[c +
     * half] = x[c] cos[angles + c] - x[c + half] sin[angles + c], x[c + half] cos[angles + c] + x[c] sin[angles + c]},
     * c counting from the first channel of the head.
     *
     * @param offset the first channel of the first head
     */
    void rope(float[] cos, float[] sin, int angles, int half, float[] x, int offset, int heads);

    /** Computes {@code out = x / max(|x|, epsilon)} for each of {@code rows} rows. */
    void normalize(float[] x, int offset, int rows, int channels, float epsilon, float[] out);

    /**
     * Computes {@code out = exp(scale x) / sum exp(scale x)} for each of {@code rows} rows.
     *
     * @param scratch at least {@code channels} floats, of no meaning before or after
     */
    void softmax(float[] x, int offset, int rows, int channels, float scale, float[] scratch, float[] out);

    /** Computes {@code out = scale x - log sum exp(scale x)}, otherwise as {@link #softmax}. */
    void logSoftmax(float[] x, int offset, int rows, int channels, float scale, float[] scratch, float[] out);

    /**
     * Computes {@code out[row]} = index of the largest channel of that row of {@code x}, the first one on a tie. NaN is
     * passed over; a row of nothing but NaN gives 0.
     */
    void argmax(float[] x, int firstRow, int rows, int channels, int[] out);

    /**
     * Computes a sum of two sources for each pixel: {@code out[outOffset + p * channels + c] = sum_t weights[2 p + t] x[xOffset
     * + sources[2 p + t] * channels + c]} for p in {@code first} to {@code first + pixels - 1}, {@code out} counting
     * from {@code first}.
     */
    void mix2(
            float[] x,
            int xOffset,
            int[] sources,
            float[] weights,
            int first,
            int pixels,
            int channels,
            float[] out,
            int outOffset);

    /** As above, with four sources for each pixel: {@code sources[4 p + t]}. */
    void mix4(
            float[] x,
            int xOffset,
            int[] sources,
            float[] weights,
            int first,
            int pixels,
            int channels,
            float[] out,
            int outOffset);

    /**
     * Computes {@code out[outOffset + p * channels + c] = (x[offset + p * channels + c] + x[mirrored + (width - 1 - p)
     * * channels + c]) / 2} for the {@code width} pixels p of a line.
     */
    void mirrorMean(float[] x, int offset, int mirrored, int width, int channels, float[] out, int outOffset);

    /** Computes {@code sum[sumOffset + i] += x[offset + i]} for i in 0 to {@code count - 1}. */
    void add(float[] x, int offset, int count, float[] sum, int sumOffset);
}
