package org.stegokernels.weights;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.stegokernels.weights.TypedTensor.HalfFloat;

/** Every one of the 65,536 patterns of both formats, against the definition computed in doubles. */
class HalfFloatTest {
    @Test
    void everyF16PatternHasItsValue() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            assertSame(bits, HalfFloat.fromF16((short) bits), byDefinition(bits, 5, 10));
        }
    }

    @Test
    void everyBf16PatternHasItsValue() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            assertSame(bits, HalfFloat.fromBf16((short) bits), byDefinition(bits, 8, 7));
        }
    }

    private static void assertSame(int bits, float actual, double expected) {
        assertThat((double) actual).as("pattern %04x", bits).isEqualTo(Double.valueOf(expected));
        boolean negative = Float.floatToRawIntBits(actual) < 0;
        assertThat(negative).as("sign of pattern %04x", bits).isEqualTo(bits >= 0x8000);
    }

    /** IEEE 754-2019, section 3.4. */
    private static double byDefinition(int bits, int exponentBits, int fractionBits) {
        int highest = (1 << exponentBits) - 1;
        int bias = highest / 2;
        int exponent = bits >> fractionBits & highest;
        double fraction = (bits & (1 << fractionBits) - 1) / Math.pow(2, fractionBits);
        double sign = bits >= 0x8000 ? -1 : 1;
        if (exponent == highest) {
            return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        return exponent == 0
                ? sign * Math.pow(2, 1 - bias) * fraction
                : sign * Math.pow(2, exponent - bias) * (1 + fraction);
    }

    @Test
    void wideningManyIsWideningOne() {
        short[] halves = new short[1 << 16];
        int finite = 0;
        int count = halves.length;
        for (int bits = 0; bits < 1 << 16; bits++) {
            boolean last = !Float.isFinite(HalfFloat.fromF16((short) bits));
            halves[last ? --count : finite++] = (short) bits;
        }
        assertThat(count).isEqualTo(finite);
        for (int each : new int[] {finite - 5, finite, halves.length}) {
            float[] wide = new float[each + 1];
            assertThat(HalfFloat.widen(halves, 0, wide, 1, each)).isEqualTo(each <= finite);
            for (int i = 0; i < each; i++) {
                assertThat(Float.floatToRawIntBits(wide[1 + i]))
                        .isEqualTo(Float.floatToRawIntBits(HalfFloat.fromF16(halves[i])));
            }
        }
    }

    @Test
    void roundingKeepsEveryHalf() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = HalfFloat.fromF16((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(HalfFloat.toF16(value)).isEqualTo((short) bits);
            }
        }
        assertThat(HalfFloat.fromF16(HalfFloat.toF16(Float.NaN))).isNaN();
    }

    /** Between two neighbours the nearer one is right, and of equally near ones the one with an even last bit. */
    @Test
    void roundingTakesTheNearestAndOfTwoTheEven() {
        for (int bits = 0; bits < 0x7bff; bits++) {
            float low = HalfFloat.fromF16((short) bits);
            float high = HalfFloat.fromF16((short) (bits + 1));
            float middle = (low + high) / 2;
            int even = bits % 2 == 0 ? bits : bits + 1;
            assertThat(HalfFloat.toF16(middle)).isEqualTo((short) even);
            assertThat(HalfFloat.toF16(Math.nextUp(middle))).isEqualTo((short) (bits + 1));
            assertThat(HalfFloat.toF16(-Math.nextDown(middle))).isEqualTo((short) (bits | 0x8000));
        }
        assertThat(HalfFloat.toF16(65519.99f)).isEqualTo((short) 0x7bff);
        assertThat(HalfFloat.toF16(65520)).isEqualTo((short) 0x7c00);
    }
}
