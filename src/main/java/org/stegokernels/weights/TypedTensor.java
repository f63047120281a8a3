package org.stegokernels.weights;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;

/**
 * A tensor to be written to a safetensors file.
 *
 * @param content produces the elements, little endian, {@code shape.size() * type.bytes()} bytes, each time it is
 * called
 */
public record TypedTensor(DType type, Shape shape, Content content) {
    private static final int CHUNK = 1 << 13;

    /** Writes a tensor's bytes. */
    @FunctionalInterface
    public interface Content {
        /** Writes all values. */
        void write(OutputStream out) throws IOException;
    }

    /** Returns an F32 tensor. */
    public static TypedTensor of(HostTensor tensor) {
        float[] values = tensor.values();
        return inChunks(
                DType.F32,
                tensor.shape(),
                (bytes, from, count) -> bytes.asFloatBuffer().put(values, from, count));
    }

    /** Returns an I32 tensor. */
    public static TypedTensor of(Shape shape, int[] values) {
        requireLength(shape, values.length);
        return inChunks(
                DType.I32, shape, (bytes, from, count) -> bytes.asIntBuffer().put(values, from, count));
    }

    /** Returns a U8 tensor. */
    public static TypedTensor of(Shape shape, byte[] values) {
        requireLength(shape, values.length);
        return new TypedTensor(DType.U8, shape, out -> out.write(values));
    }

    /** Returns the bytes that the elements take. */
    public long bytes() {
        return (long) shape.size() * type.bytes();
    }

    private static void requireLength(Shape shape, int length) {
        if (length != shape.size()) {
            throw new IllegalArgumentException("shape " + shape + " needs " + shape.size() + " values, not " + length);
        }
    }

    private interface Encoder {
        void put(ByteBuffer bytes, int from, int count);
    }

    private static TypedTensor inChunks(DType type, Shape shape, Encoder encoder) {
        return new TypedTensor(type, shape, out -> {
            ByteBuffer bytes = ByteBuffer.allocate(CHUNK * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            for (int from = 0; from < shape.size(); from += CHUNK) {
                int count = Math.min(CHUNK, shape.size() - from);
                encoder.put(bytes, from, count);
                out.write(bytes.array(), 0, count * type.bytes());
            }
        });
    }

    /** Types of the elements of safetensors' tensors, under the names of the format. All are little endian. */
    public enum DType {
        /** One byte, 0 or 1. */
        BOOL(1),
        /** Unsigned integers of 8 bits. */
        U8(1),
        /** Signed integers of 8 bits. */
        I8(1),
        /** Unsigned integers of 16 bits. */
        U16(2),
        /** Signed integers of 16 bits. */
        I16(2),
        /** IEEE 754 binary16. */
        F16(2),
        /** The upper half of an IEEE 754 binary32. */
        BF16(2),
        /** Unsigned integers of 32 bits. */
        U32(4),
        /** Signed integers of 32 bits. */
        I32(4),
        /** IEEE 754 binary32. */
        F32(4),
        /** Unsigned integers of 64 bits. */
        U64(8),
        /** Signed integers of 64 bits. */
        I64(8),
        /** IEEE 754 binary64. */
        F64(8);

        private final int bytes;

        DType(int bytes) {
            this.bytes = bytes;
        }

        /** Returns the size of one element in bytes. */
        public int bytes() {
            return bytes;
        }
    }

    /** The two 16-bit floating-point formats: widened to 32 bits, which is exact, and the IEEE one rounded to. */
    public static final class HalfFloat {
        /** The largest finite binary16. */
        public static final float MAX_F16 = 65504;

        /** Values that one call takes: a short loop called often is compiled sooner than a long one called seldom. */
        static final int BLOCK = 32;

        private static final float SMALLEST_NORMAL = 0x1p-14f;
        /** Adding this rounds to a multiple of the smallest subnormal. */
        private static final float SUBNORMAL_ROUNDER = 0.5f;
        /** The least value that rounds to infinity. */
        private static final float OVERFLOW = 65520;

        private static final float SUBNORMAL_STEP = 0x1p-24f;
        private static final int REBIAS = 127 - 15;
        /** The exponent of infinities and NaN, in place. */
        private static final int LARGEST_EXPONENT = 0x7c00;

        private static final int SMALLEST_EXPONENT = 0x400;

        private HalfFloat() {}

        /** Widens an IEEE 754 binary16: sign, 5 bits of exponent, 10 bits of fraction. The payload of a NaN is kept. */
        public static float fromF16(short bits) {
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

        /** Widens a bfloat16: a binary32 without its lower half. */
        public static float fromBf16(short bits) {
            return Float.intBitsToFloat(bits << 16);
        }

        /** Returns the nearest binary16, the even one of two; what is too large becomes infinite. */
        public static short toF16(float value) {
            int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
            float magnitude = Math.abs(value);
            if (!(magnitude < OVERFLOW)) {
                return (short) (sign | (Float.isNaN(value) ? 0x7e00 : 0x7c00));
            }
            if (magnitude < SMALLEST_NORMAL) {
                int rounded = Float.floatToRawIntBits(magnitude + SUBNORMAL_ROUNDER);
                return (short) (sign | rounded - Float.floatToRawIntBits(SUBNORMAL_ROUNDER));
            }
            int bits = Float.floatToRawIntBits(magnitude);
            int rounded = bits + 0xfff + (bits >> 13 & 1);
            return (short) (sign | (rounded >> 13) - (REBIAS << 10));
        }

        /** Returns the nearest bfloat16, the even one of two; what is too large becomes infinite. */
        public static short toBf16(float value) {
            int bits = Float.floatToRawIntBits(value);
            if (Float.isNaN(value)) {
                return (short) (bits >> 16 | 0x40);
            }
            return (short) (bits + 0x7fff + (bits >> 16 & 1) >> 16);
        }

        /** Narrows as {@link #toF16} for {@code count} values. */
        public static void narrow(float[] from, int fromIndex, short[] to, int toIndex, int count) {
            for (int i = 0; i < count; i++) {
                to[toIndex + i] = toF16(from[fromIndex + i]);
            }
        }

        /**
         * Widens as {@link #fromF16} for {@code count} values: without a branch, by moving exponent and fraction into
         * place and multiplying by the difference of the biases, which serves subnormals too; infinities and NaN are
         * seen to at the end.
         *
         * @return whether all of them are finite
         */
        public static boolean widen(short[] from, int fromIndex, float[] to, int toIndex, int count) {
            int carries = 0;
            for (int i = 0; i < count; i += BLOCK) {
                carries |= widenBlock(from, fromIndex + i, to, toIndex + i, Math.min(BLOCK, count - i));
            }
            boolean finite = (carries & LARGEST_EXPONENT + SMALLEST_EXPONENT) == 0;
            if (!finite) {
                for (int i = 0; i < count; i++) {
                    to[toIndex + i] = fromF16(from[fromIndex + i]);
                }
            }
            return finite;
        }

        /** @return the carries out of the exponents: that of an infinity or NaN has one */
        private static int widenBlock(short[] from, int fromIndex, float[] to, int toIndex, int count) {
            int carries = 0;
            for (int i = 0; i < count; i++) {
                int bits = from[fromIndex + i];
                to[toIndex + i] = Float.intBitsToFloat(bits << 16 >> 3 & 0x8fffe000) * 0x1p112f;
                carries |= (bits & LARGEST_EXPONENT) + SMALLEST_EXPONENT;
            }
            return carries;
        }
    }
}
