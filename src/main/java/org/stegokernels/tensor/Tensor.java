package org.stegokernels.tensor;

import java.util.Objects;

/**
 * A shape over device memory: dense, row-major, from the start of the buffer. Several tensors may share one buffer
 * (see {@link #view}); whoever allocated the buffer closes it.
 */
public final class Tensor implements AutoCloseable {
    private final Shape shape;
    private final Buffer buffer;

    /**
     * Checks that the buffer is large enough.
     *
     * @throws IllegalArgumentException if the buffer is too short for the shape
     */
    public Tensor(Shape shape, Buffer buffer) {
        this.shape = Objects.requireNonNull(shape);
        this.buffer = Objects.requireNonNull(buffer);
        if (shape.size() > buffer.length()) {
            throw new IllegalArgumentException(
                    "shape " + shape + " needs " + shape.size() + " elements, the buffer has " + buffer.length());
        }
    }

    /** Returns the shape. */
    public Shape shape() {
        return shape;
    }

    /** Returns the type of the elements. */
    public ElementType type() {
        return buffer.type();
    }

    /** Returns the memory on the device. */
    public Buffer buffer() {
        return buffer;
    }

    /**
     * Returns the same memory under another shape, which may be smaller: a buffer planned for a full batch serves the last,
     * partial one.
     */
    public Tensor view(int... dims) {
        return new Tensor(Shape.of(dims), buffer);
    }

    /** Frees the buffer, for this tensor and all its views. */
    @Override
    public void close() {
        buffer.close();
    }

    @Override
    public String toString() {
        return type() + shape.toString();
    }

    /** Memory on one device. Only the device that made it knows what is inside. */
    public interface Buffer extends AutoCloseable {
        /** Returns the type of the elements. */
        ElementType type();

        /** Returns the capacity in elements. */
        int length();

        /**
         * Returns the object that stands for the device that made it: the same for all its buffers, and for no other's.
         *
         * @throws IllegalStateException if it is closed
         */
        Object owner();

        /** Frees the memory. A second call does nothing. */
        @Override
        void close();
    }

    /**
     * The kind of a tensor's elements. Labels, indices and counts are {@link #I32}, all else {@link #F32}, but for what a device
     * may round between the layers of a network.
     */
    public enum ElementType {
        /** IEEE 754 binary32. */
        F32,
        /** Signed 32-bit integer. */
        I32,
        /** IEEE 754 binary16. */
        F16;

        /** Returns the size of one element in bytes. */
        public int bytes() {
            return this == F16 ? Short.BYTES : Integer.BYTES;
        }
    }
}
