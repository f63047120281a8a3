package org.stegokernels.device.cpu;

/**
 * Elementary functions in float arithmetic without branches or tables. {@link VectorMath} does the same steps on whole
 * vectors, with the same bits for each element.
 *
 * <p>The polynomials are weighted minimax fits, found by Lawson's iteratively reweighted least squares on Chebyshev
 * nodes in double precision, then rounded to float.
 */
final class ScalarMath {
    /** Below this {@link #exp} is 0. */
    static final float EXP_LOWEST = -88f;
    /** The least argument for which {@link #exp} is infinite. */
    static final float EXP_HIGHEST = 89f;

    /** The least argument for which {@link #exp2Negated} is 0. */
    static final float EXP2_LOWEST = 127f;

    static final float LOG2_E = 1.442695f;
    /** The rest of log2(e) after {@link #LOG2_E}. */
    static final float LOG2_E_REST = 1.925963e-8f;

    /**
     * Added to a small number it leaves, in the lowest bits, that number rounded to an integer plus 127: the exponent
     * field of a float.
     */
    static final float EXPONENT_SHIFTER = 0x1.8p23f + 127;

    static final int MANTISSA_BITS = 23;

    /** {@code (2^r - 1) / r} on [-1/2, 1/2] from the constant up; relative error of {@code 2^r} 9.2e-8. */
    static final float P0 = 0.6931470f;

    static final float P1 = 0.24022241f;
    static final float P2 = 0.055507347f;
    static final float P3 = 0.0096715763f;
    static final float P4 = 0.0013264646f;

    /** Here {@code log2(Phi(-a))} passes -127. */
    static final float GELU_WIDTH = 13f;

    /**
     * {@code log2(Phi(-a))} on [0, 13] from the constant, -1, up, Phi being the normal distribution function; weighted
     * so that {@code a Phi(-a)} is within 1.0e-7, within 1e-6 of itself up to a = 1 and within 1.4e-3 of itself beyond.
     */
    static final float Q0 = -1f;

    static final float Q1 = -1.1511332f;
    static final float Q2 = -0.45899162f;
    static final float Q3 = -0.053068265f;
    static final float Q4 = 0.0077752112f;
    static final float Q5 = -6.0247921e-4f;
    static final float Q6 = -2.3278641e-5f;
    static final float Q7 = 1.1197570e-5f;
    static final float Q8 = -1.1714409e-6f;
    static final float Q9 = 5.6228198e-8f;
    static final float Q10 = -1.0601554e-9f;

    /** {@code (ln(1 + f) - f) / f^2} on [sqrt(1/2) - 1, sqrt(2) - 1] from the constant up; {@code ln} within 3.7e-8. */
    private static final float L0 = -0.50000584f;

    private static final float L1 = 0.33335263f;
    private static final float L2 = -0.24961466f;
    private static final float L3 = 0.19888277f;
    private static final float L4 = -0.17325994f;
    private static final float L5 = 0.16335642f;
    private static final float L6 = -0.10034617f;
    private static final float LN_2 = 0.6931472f;
    private static final int SQRT_HALF_BITS = 0x3f3504f3;

    private ScalarMath() {}

    /**
     * Computes the exponential with a relative error under 2e-7: {@code 2^n 2^r} with n the nearest integer to {@code
     * x log2(e)}. 0 below -87.7 (so also of minus infinity), infinite above 88.3, NaN of NaN.
     */
    static float exp(float x) {
        float clamped = x < EXP_LOWEST ? EXP_LOWEST : x;
        clamped = clamped > EXP_HIGHEST ? EXP_HIGHEST : clamped;
        float shifted = Math.fma(clamped, LOG2_E, EXPONENT_SHIFTER);
        float minusN = EXPONENT_SHIFTER - shifted;
        float r = Math.fma(clamped, LOG2_E_REST, Math.fma(clamped, LOG2_E, minusN));
        return pow2(r) * scale(shifted);
    }

    /**
     * Computes the exact GELU {@code x Phi(x)}, computed as {@code max(x, 0) - a Phi(-a)} with {@code a = |x|}.
     * Absolute error under
     * 1.5e-7 where the result is below 1, relative error under 2e-7 above that and near 0, and under 1.5e-3 in the tail, down to
     * 1e-36. NaN of NaN and of minus
     * infinity, as the formula has it.
     */
    static float gelu(float x) {
        float a = Math.abs(x);
        float clamped = Float.intBitsToFloat(Math.min(Float.floatToRawIntBits(a), Float.floatToRawIntBits(GELU_WIDTH)));
        float square = clamped * clamped;
        float even = Math.fma(square, Q10, Q8);
        float odd = Math.fma(square, Q9, Q7);
        even = Math.fma(square, even, Q6);
        odd = Math.fma(square, odd, Q5);
        even = Math.fma(square, even, Q4);
        odd = Math.fma(square, odd, Q3);
        even = Math.fma(square, even, Q2);
        odd = Math.fma(square, odd, Q1);
        even = Math.fma(square, even, Q0);
        float log = Math.fma(clamped, odd, even);
        float shifted = log + EXPONENT_SHIFTER;
        float r = log + (EXPONENT_SHIFTER - shifted);
        float tail = pow2(r) * clamped * scale(shifted);
        return (x + a) * 0.5f - tail;
    }

    /** Returns {@code 2^-x} for {@code x >= 0}, relative error under 2e-7; 0 from 126.5 on, and of NaN. */
    static float exp2Negated(float x) {
        float clamped =
                Float.intBitsToFloat(Math.min(Float.floatToRawIntBits(x), Float.floatToRawIntBits(EXP2_LOWEST)));
        float shifted = EXPONENT_SHIFTER - clamped;
        float r = EXPONENT_SHIFTER - shifted - clamped;
        return pow2(r) * scale(shifted);
    }

    /**
     * Computes the natural logarithm of a positive number that is not denormal: {@code n ln 2 + ln(1 + f)}, 1 + f
     * being within a factor
     * sqrt(2) of 1. Absolute error under 1e-7 below 2, rounding of the result above. Infinity and NaN give themselves.
     */
    static float log(float x) {
        if (!(x < Float.POSITIVE_INFINITY)) {
            return x;
        }
        int bits = Float.floatToRawIntBits(x);
        int n = bits - SQRT_HALF_BITS >> MANTISSA_BITS;
        float f = Float.intBitsToFloat(bits - (n << MANTISSA_BITS)) - 1f;
        float p = Math.fma(f, L6, L5);
        p = Math.fma(f, p, L4);
        p = Math.fma(f, p, L3);
        p = Math.fma(f, p, L2);
        p = Math.fma(f, p, L1);
        p = Math.fma(f, p, L0);
        return Math.fma(n, LN_2, Math.fma(f * f, p, f));
    }

    /** Returns the float of {@link VectorMath#ordered} bits. */
    static float unordered(int ordered) {
        return Float.intBitsToFloat(ordered ^ ordered >> 31 >>> 1);
    }

    /** Returns {@code 2^r} for r in [-1/2, 1/2]. */
    private static float pow2(float r) {
        float p = Math.fma(r, P4, P3);
        p = Math.fma(r, p, P2);
        p = Math.fma(r, p, P1);
        p = Math.fma(r, p, P0);
        return Math.fma(r, p, 1f);
    }

    /** Returns {@code 2^n} for n in -127 (giving 0) to 128 (giving infinity), from n with the shifter added. */
    private static float scale(float shifted) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(shifted) << MANTISSA_BITS);
    }
}
