package org.stegokernels.tensor;

import java.util.Objects;

/**
 * A shape over device memory: dense, row-major, from the start of the buffer. Several tensors may share one buffer
 * (see {@link #view}); whoever allocated the buffer closes it.
 */
public final class Tensor implements AutoCloseable {
    private final Shape shape;
    private final DeviceBuffer buffer;

    /** @throws IllegalArgumentException if the buffer is too short for the shape */
    public Tensor(Shape shape, DeviceBuffer buffer) {
        this.shape = Objects.requireNonNull(shape);
        this.buffer = Objects.requireNonNull(buffer);
        if (shape.size() > buffer.length()) {
            throw new IllegalArgumentException(
                    "shape " + shape + " needs " + shape.size() + " elements, the buffer has " + buffer.length());
        }
    }

    public Shape shape() {
        return shape;
    }

    public ElementType type() {
        return buffer.type();
    }

    public DeviceBuffer buffer() {
        return buffer;
    }

    /**
     * The same memory under another shape, which may be smaller: a buffer planned for a full batch serves the last,
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
}
