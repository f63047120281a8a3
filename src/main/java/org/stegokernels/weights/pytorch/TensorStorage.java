package org.stegokernels.weights.pytorch;

import org.stegokernels.weights.DType;

/**
 * Memory that tensors share, as the pickle describes it; where it lies in the file is known later.
 *
 * @param key its name in the file
 * @param type of its elements; null if it is one that is not known here
 * @param typeName what PyTorch calls the type
 * @param elements how many there are
 */
record TensorStorage(String key, DType type, String typeName, long elements) {
    long bytes() {
        return elements * type.bytes();
    }
}
