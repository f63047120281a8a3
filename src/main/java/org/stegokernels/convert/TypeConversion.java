package org.stegokernels.convert;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TypedTensor;
import org.stegokernels.weights.TypedTensor.DType;
import org.stegokernels.weights.TypedTensor.HalfFloat;

/** Floating-point tensors in another type, converted while they are written. */
final class TypeConversion {
    /** Elements that are converted at once. */
    private static final int CHUNK = 1 << 13;

    private TypeConversion() {}

    /**
     * Returns a tensor in another type: the nearest value, the even one of two; doubles by way of floats, as in
     * PyTorch. Integers stay as they are.
     *
     * @param file the name for messages
     * @param name of the tensor, for messages
     * @param wanted F32, F16 or BF16
     * @return writes what {@code tensor} writes; throws ModelException if a finite value would become infinite
     */
    static TypedTensor convert(String file, String name, TypedTensor tensor, DType wanted) {
        boolean floats = switch (tensor.type()) {
            case F64, F32, F16, BF16 -> true;
            default -> false;
        };
        if (!floats || tensor.type() == wanted) {
            return tensor;
        }
        return new TypedTensor(wanted, tensor.shape(), out -> {
            Converter converter = new Converter(file, name, tensor.type(), wanted, out, tensor.bytes());
            tensor.content().write(converter);
            converter.finish();
        });
    }

    /** Takes elements of one type, however they are cut, and hands on those of another. */
    private static final class Converter extends OutputStream {
        private final String file;
        private final String name;
        private final DType from;
        private final DType to;
        private final OutputStream out;
        private final ByteBuffer in;
        private final ByteBuffer converted;
        private final float[] values;

        Converter(String file, String name, DType from, DType to, OutputStream out, long bytes) {
            this.file = file;
            this.name = name;
            this.from = from;
            this.to = to;
            this.out = out;
            int count = (int) Math.min(CHUNK, bytes / from.bytes());
            in = ByteBuffer.allocate(count * from.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            converted = ByteBuffer.allocate(count * to.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            values = new float[count];
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int at = offset;
            int left = length;
            while (left > 0) {
                int count = Math.min(left, in.remaining());
                in.put(bytes, at, count);
                at += count;
                left -= count;
                if (!in.hasRemaining()) {
                    finish();
                }
            }
        }

        /** Converts what is there: whole elements. */
        void finish() throws IOException {
            in.flip();
            int count = in.remaining() / from.bytes();
            decode(count);
            encode(count);
            in.clear();
            out.write(converted.array(), 0, count * to.bytes());
        }

        private void decode(int count) {
            switch (from) {
                case F32 -> in.asFloatBuffer().get(values, 0, count);
                case F64 -> {
                    for (int i = 0; i < count; i++) {
                        double value = in.getDouble(i * Double.BYTES);
                        values[i] = (float) value;
                        requireFinite(values[i], value);
                    }
                }
                case F16 -> {
                    for (int i = 0; i < count; i++) {
                        values[i] = HalfFloat.fromF16(in.getShort(i * Short.BYTES));
                    }
                }
                default -> {
                    for (int i = 0; i < count; i++) {
                        values[i] = HalfFloat.fromBf16(in.getShort(i * Short.BYTES));
                    }
                }
            }
        }

        private void encode(int count) {
            switch (to) {
                case F32 -> converted.asFloatBuffer().put(values, 0, count);
                case F16 -> {
                    for (int i = 0; i < count; i++) {
                        short half = HalfFloat.toF16(values[i]);
                        converted.putShort(i * Short.BYTES, half);
                        requireFinite(HalfFloat.fromF16(half), values[i]);
                    }
                }
                default -> {
                    for (int i = 0; i < count; i++) {
                        short half = HalfFloat.toBf16(values[i]);
                        converted.putShort(i * Short.BYTES, half);
                        requireFinite(HalfFloat.fromBf16(half), values[i]);
                    }
                }
            }
        }

        private void requireFinite(float result, double value) {
            if (Float.isInfinite(result) && Double.isFinite(value)) {
                throw new ModelException(
                        file, name, "its value " + value + " is too large for " + to, "Choose another --dtype.");
            }
        }
    }
}
