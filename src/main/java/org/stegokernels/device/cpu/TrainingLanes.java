package org.stegokernels.device.cpu;

import org.stegokernels.device.TrainingKernels.AdamRates;

/** Innermost loops of the operations of {@link org.stegokernels.device.TrainingKernels}. */
interface TrainingLanes {
    /** Computes {@code sum[sumOffset + i] += factor x[offset + i]} for i in 0 to {@code count - 1}. */
    void addScaled(float[] x, int offset, int count, float factor, float[] sum, int sumOffset);

    /** Computes {@code out[outOffset + i] = x[offset + i] y[yOffset + i]} for i in 0 to {@code count - 1}. */
    void multiply(float[] x, int offset, float[] y, int yOffset, int count, float[] out, int outOffset);

    /** Returns {@code sum_i x[offset + i] y[yOffset + i]} for i in 0 to {@code count - 1}. */
    double dot(float[] x, int offset, float[] y, int yOffset, int count);

    /** Returns {@code sum_i x[offset + i]} for i in 0 to {@code count - 1}. */
    double sum(float[] x, int offset, int count);

    /** Computes {@code x[offset + i] -= value} for i in 0 to {@code count - 1}. */
    void subtract(float[] x, int offset, int count, float value);

    /**
     * Computes a weighted sum of four rows: {@code out[outOffset + i] = wa x[a + i] + wb x[b + i] + wc x[c + i] + wd
     * x[d + i]} for i in 0 to {@code count - 1}.
     */
    void mix(
            float[] x,
            int a,
            int b,
            int c,
            int d,
            float wa,
            float wb,
            float wc,
            float wd,
            int count,
            float[] out,
            int outOffset);

    /** Computes {@code out[i] = y[i] > 0 ? x[i] : 0} for i in {@code from} to {@code to - 1}. */
    void positivePart(float[] y, float[] x, int from, int to, float[] out);

    /**
     * Computes {@code out[outOffset + i] = a x[offset + i] + b y[yOffset + i]} for i in 0 to {@code count - 1}; {@code
     * out} may be {@code x}.
     */
    void combine(
            float[] x, int offset, float a, float[] y, int yOffset, float b, int count, float[] out, int outOffset);

    /**
     * Handles a row of a correspondence term: replaces each code correlation c by its gradient, {@code factor (f -
     * base)} where c is in {@code lowest..highest} and 0 elsewhere, f being the feature correlation beside it.
     *
     * @return {@code sum clamp(c) (f - base)}
     */
    double correspond(
            float[] features,
            int offset,
            float[] codes,
            int codeOffset,
            int count,
            float base,
            float lowest,
            float highest,
            float factor);

    /**
     * Replaces each column of {@code x}, {@code [rows, width]} from its start, by the exponentials of its differences
     * from its largest value. Behind, from {@code stats} on, it leaves {@code [3, width]}: the largest values, the sums
     * of the exponentials, and 1 over these.
     *
     * @param width a multiple of {@link Lanes#width()}
     */
    void exponentiateColumns(float[] x, int rows, int width, int stats);

    /**
     * Computes {@code x[sum + r * width + i] += weight x[factors + i] x[r * width + i]}.
     *
     * @param width a multiple of {@link Lanes#width()}
     */
    void addColumns(float[] x, int rows, int width, int factors, float weight, int sum);

    /** Takes a step of Adam on the elements {@code from} to {@code to - 1}. */
    void adam(float[] parameter, float[] gradient, float[] mean, float[] square, int from, int to, AdamRates rates);

    /**
     * Returns the first index in {@code from} to {@code to - 1} at which {@code x} is larger than {@code threshold},
     * or {@code to}.
     */
    int firstAbove(float[] x, int from, int to, float threshold);

    /**
     * Returns the first i in {@code from} to {@code to - 1} at which {@code x[offset + i]} is larger than {@code
     * thresholds[i]}, or {@code to}.
     */
    int firstAbove(float[] x, int offset, int from, int to, float[] thresholds);

    /**
     * Computes the affinity of a point with the points i in {@code from} to {@code to - 1}: {@code out[outOffset + i]
     * = w1 exp(-p^2 nearby - c^2 alike) + w2 exp(-p^2
     * beside) - shift}, p being the distance in the first two planes and c in the others.
     *
     * @param planes {@code [2 + colours, stride]} from {@code offset}
     */
    void affinity(
            float[] planes,
            int offset,
            int colours,
            int stride,
            int point,
            int from,
            int to,
            CrfLoss.Factors factors,
            float[] out,
            int outOffset);
}
