package org.stegokernels.weights;

import java.util.Map;
import java.util.Set;

/**
 * Tensors by name, whose values are read when they are written somewhere.
 *
 * @param name of the file they come from, for messages
 * @param metadata what the file says about itself
 */
public record TensorTable(String name, Map<String, String> metadata, Map<String, TypedTensor> tensors)
        implements TensorIndex {
    @Override
    public Set<String> names() {
        return tensors.keySet();
    }

    @Override
    public Entry entry(String tensor) {
        TypedTensor found = tensors.get(tensor);
        if (found == null) {
            throw missing(tensor);
        }
        return new Entry(tensor, found.type(), found.shape());
    }
}
