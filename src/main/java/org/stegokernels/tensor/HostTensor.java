package org.stegokernels.tensor;

import java.util.Objects;

/**
 * Floats in the Java heap with a shape: what is read from a file, or written to one. Dense and row-major.
 *
 * @param values exactly {@code shape.size()} floats; not copied, so records are equal only if they hold the same array
 */
public record HostTensor(Shape shape, float[] values) {
    /**
     * Checks the number of values.
     *
     * @throws IllegalArgumentException if it is not that of the shape
     */
    public HostTensor {
        Objects.requireNonNull(shape);
        if (values.length != shape.size()) {
            throw new IllegalArgumentException(
                    "shape " + shape + " needs " + shape.size() + " values, not " + values.length);
        }
    }

    /** Returns a tensor of the given dimensions that holds the values without copying them. */
    public static HostTensor of(float[] values, int... dims) {
        return new HostTensor(Shape.of(dims), values);
    }

    @Override
    public String toString() {
        return Tensor.ElementType.F32 + shape.toString();
    }
}
