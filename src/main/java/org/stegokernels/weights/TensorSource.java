package org.stegokernels.weights;

/** A file of tensors, of whatever format, open for reading. */
public interface TensorSource extends TensorIndex, AutoCloseable {
    /**
     * A tensor for {@link SafetensorsWriter}, in its own type, whose bytes are read from this file when written.
     *
     * @throws ModelException if there is no such tensor, or it is of a kind that can't be read
     */
    TypedTensor typed(String tensor);

    /** Stops reading; nothing of what was read before goes away. */
    @Override
    void close();
}
