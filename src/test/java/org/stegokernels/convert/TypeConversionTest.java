package org.stegokernels.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TypedTensor;
import org.stegokernels.weights.TypedTensor.DType;
import org.stegokernels.weights.TypedTensor.HalfFloat;

class TypeConversionTest {
    private static ByteBuffer convert(TypedTensor tensor, DType wanted) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TypeConversion.convert("a.pth", "w", tensor, wanted).content().write(out);
        return ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Half the distance to the neighbour at most: 11 bits of fraction, or 8. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16"})
    void narrowedValuesAreTheNearest(DType type) throws IOException {
        float[] values = new float[100_003];
        Random random = new Random(1);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(20) - 10));
        }
        ByteBuffer halves = convert(TypedTensor.of(HostTensor.of(values, values.length)), type);
        assertThat(halves.remaining()).isEqualTo(2 * values.length);
        double bound = Math.pow(2, type == DType.F16 ? -11 : -8);
        for (float value : values) {
            short half = halves.getShort();
            float found = type == DType.F16 ? HalfFloat.fromF16(half) : HalfFloat.fromBf16(half);
            assertThat(Math.abs(found - value)).isLessThanOrEqualTo((float) (bound * Math.abs(value) + 0x1p-25));
        }
    }

    @Test
    void bf16TiesGoToTheEvenOne() {
        assertThat(HalfFloat.fromBf16(HalfFloat.toBf16(1 + 0x1p-8f))).isEqualTo(1);
        assertThat(HalfFloat.fromBf16(HalfFloat.toBf16(1 + 3 * 0x1p-8f))).isEqualTo(1 + 4 * 0x1p-8f);
        assertThat(HalfFloat.fromBf16(HalfFloat.toBf16(-1 - 0x1.1p-8f))).isEqualTo(-1 - 0x1p-7f);
        assertThat(HalfFloat.fromBf16(HalfFloat.toBf16(Float.NaN))).isNaN();
        assertThat(HalfFloat.fromBf16(HalfFloat.toBf16(Float.MAX_VALUE))).isInfinite();
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = HalfFloat.fromBf16((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(HalfFloat.toBf16(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void wideningIsExactAndIntegersStay() throws IOException {
        TypedTensor halves = new TypedTensor(DType.F16, Shape.of(3), out -> {
            // The pieces end within an element.
            out.write(0);
            out.write(new byte[] {0x3c, 0, (byte) 0xc0});
            out.write(new byte[] {1, 0});
        });
        ByteBuffer floats = convert(halves, DType.F32);
        assertThat(new float[] {floats.getFloat(), floats.getFloat(), floats.getFloat()})
                .containsExactly(1, -2, 0x1p-24f);
        TypedTensor integers = TypedTensor.of(Shape.of(2), new int[] {1, 2});
        assertThat(TypeConversion.convert("a.pth", "w", integers, DType.F16)).isSameAs(integers);
        TypedTensor empty = TypedTensor.of(HostTensor.of(new float[0], 0, 3));
        assertThat(convert(empty, DType.F16).remaining()).isZero();
    }

    @Test
    void whatIsTooLargeIsNamed() {
        TypedTensor large = TypedTensor.of(HostTensor.of(new float[] {1, 70_000}, 2));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> convert(large, DType.F16))
                .withMessageContainingAll("a.pth", "\"w\"", "70000", "too large for F16");
    }
}
