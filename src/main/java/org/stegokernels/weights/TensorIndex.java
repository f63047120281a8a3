package org.stegokernels.weights;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.stegokernels.tensor.Shape;
import org.stegokernels.weights.TypedTensor.DType;

/** The tensors of a model by name, type and shape: what can be judged before any value is read. */
public interface TensorIndex {
    /** One tensor, but for its values. */
    record Entry(String name, DType type, Shape shape) {}

    /** Returns the path or name of the file, for messages. */
    String name();

    /** Returns the entries that the file has about itself; empty if none. */
    Map<String, String> metadata();

    /** Returns the names of all tensors. */
    Set<String> names();

    /**
     * Returns the entry of a tensor.
     *
     * @throws ModelException if there is no such tensor
     */
    Entry entry(String tensor);

    /** Returns whether there is a tensor of this name. */
    default boolean has(String tensor) {
        return names().contains(tensor);
    }

    /** Returns whether there is any of these under a prefix. */
    default boolean hasAny(String prefix, List<String> tensors) {
        for (String tensor : tensors) {
            if (has(prefix + tensor)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Checks that there is a tensor, and its shape.
     *
     * @throws ModelException if there is no such tensor, or its shape is another; the message gives both shapes
     */
    default void require(String tensor, Shape shape) {
        if (!entry(tensor).shape().equals(shape)) {
            throw wrongShape(tensor, shape.toString());
        }
    }

    /** Returns the exception for a tensor whose shape is not the one wanted. */
    default ModelException wrongShape(String tensor, String wanted) {
        return new ModelException(
                name(),
                tensor,
                "its shape is " + entry(tensor).shape() + ", wanted " + wanted,
                "Use a file whose tensors belong together, or convert it again.");
    }

    /** Returns the exception for a tensor that is missing. */
    default ModelException missing(String tensor) {
        return new ModelException(
                name(), tensor, "the file has no such tensor", "Use a file that has it, or convert it again.");
    }

    /** A file of tensors, of whatever format, open for reading. */
    interface TensorSource extends TensorIndex, AutoCloseable {
        /**
         * Returns a tensor for {@link SafetensorsWriter}, in its own type, whose bytes are read from this file when
         * written.
         *
         * @throws ModelException if there is no such tensor, or it is of a kind that can't be read
         */
        TypedTensor typed(String tensor);

        /** Stops reading; nothing of what was read before goes away. */
        @Override
        void close();
    }
}
