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
 * @param content produces the elements, little endian, {@code shape.size() * type.bytes()} bytes, each time it is called
 */
public record TypedTensor(DType type, Shape shape, Content content) {
    private static final int CHUNK = 1 << 13;

    /** Writes a tensor's bytes. */
    @FunctionalInterface
    public interface Content {
        void write(OutputStream out) throws IOException;
    }

    /** An F32 tensor. */
    public static TypedTensor of(HostTensor tensor) {
        float[] values = tensor.values();
        return inChunks(
                DType.F32,
                tensor.shape(),
                (bytes, from, count) -> bytes.asFloatBuffer().put(values, from, count));
    }

    /** An I32 tensor. */
    public static TypedTensor of(Shape shape, int[] values) {
        requireLength(shape, values.length);
        return inChunks(
                DType.I32, shape, (bytes, from, count) -> bytes.asIntBuffer().put(values, from, count));
    }

    /** A U8 tensor. */
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
        U8(1),
        I8(1),
        U16(2),
        I16(2),
        /** IEEE 754 binary16. */
        F16(2),
        /** The upper half of an IEEE 754 binary32. */
        BF16(2),
        U32(4),
        I32(4),
        /** IEEE 754 binary32. */
        F32(4),
        U64(8),
        I64(8),
        /** IEEE 754 binary64. */
        F64(8);

        private final int bytes;

        DType(int bytes) {
            this.bytes = bytes;
        }

        /** Size of one element in bytes. */
        public int bytes() {
            return bytes;
        }
    }
}
