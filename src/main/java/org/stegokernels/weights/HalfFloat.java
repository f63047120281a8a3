package org.stegokernels.weights;

/** The two 16-bit floating-point formats, widened to 32 bits, which is exact. */
final class HalfFloat {
    private static final float SUBNORMAL_STEP = 0x1p-24f;
    private static final int REBIAS = 127 - 15;

    private HalfFloat() {}

    /** IEEE 754 binary16: sign, 5 bits of exponent, 10 bits of fraction. The payload of a NaN is kept. */
    static float fromF16(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            float magnitude = fraction * SUBNORMAL_STEP;
            return Float.intBitsToFloat(sign | Float.floatToRawIntBits(magnitude));
        }
        int wide = exponent == 0x1f ? 0xff : exponent + REBIAS;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }

    /** bfloat16: a binary32 without its lower half. */
    static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
