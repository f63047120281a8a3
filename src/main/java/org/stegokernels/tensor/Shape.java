package org.stegokernels.tensor;

import java.util.Arrays;

/** The extents of a dense row-major tensor, slowest dimension first. Immutable. */
public final class Shape {
    private final int[] dims;
    private final int size;

    private Shape(int[] dims) {
        long elements = 1;
        for (int dim : dims) {
            if (dim < 0) {
                throw new IllegalArgumentException("negative dimension in " + Arrays.toString(dims));
            }
            elements *= dim;
            if (elements > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(Arrays.toString(dims) + " has more than 2^31-1 elements");
            }
        }
        this.dims = dims;
        this.size = (int) elements;
    }

    /**
     * Returns the shape of the given dimensions.
     *
     * @throws IllegalArgumentException if a dimension is negative or the product passes 2^31-1
     */
    public static Shape of(int... dims) {
        return new Shape(dims.clone());
    }

    /** Returns the number of dimensions. */
    public int rank() {
        return dims.length;
    }

    /** Returns the extent of dimension {@code index}; negative indices count from the last, -1 being the fastest. */
    public int dim(int index) {
        return dims[index < 0 ? dims.length + index : index];
    }

    /** Returns the number of elements: the product of all dimensions, 1 for a scalar. */
    public int size() {
        return size;
    }

    /** Returns the number of rows when the last dimension is the channel: {@code size() / dim(-1)}. */
    public int rows() {
        int channels = dim(-1);
        return channels == 0 ? 0 : size / channels;
    }

    /** Returns the dimensions, outermost first, as a copy. */
    public int[] dims() {
        return dims.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
