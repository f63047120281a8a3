package org.stegokernels.weights.pytorch;

import org.stegokernels.tensor.Shape;

/**
 * A tensor as a view of a storage; or why it can't be read.
 *
 * @param storage null if it can't be read
 * @param shape null if it can't be read
 * @param strides in elements, one for each dimension; null if it can't be read
 * @param offset of its first element in the storage
 * @param refusal why it can't be read, a clause; null if it can
 */
record StoredTensor(TensorStorage storage, Shape shape, long[] strides, long offset, String refusal) {
    static StoredTensor refused(String reason) {
        return new StoredTensor(null, null, null, 0, reason);
    }

    /** Returns whether the elements lie in the storage as they are counted. */
    boolean isContiguous() {
        long expected = 1;
        for (int d = shape.rank() - 1; d >= 0; d--) {
            if (shape.dim(d) != 1 && strides[d] != expected) {
                return false;
            }
            expected *= shape.dim(d);
        }
        return true;
    }

    /** Returns one more than the last element that it reaches, counted from the storage's first; 0 if it has none. */
    long end() {
        if (shape.size() == 0) {
            return 0;
        }
        long last = offset;
        for (int d = 0; d < shape.rank(); d++) {
            int steps = shape.dim(d) - 1;
            if (steps > 0 && strides[d] > (Long.MAX_VALUE - 1 - last) / steps) {
                return Long.MAX_VALUE;
            }
            last += steps * strides[d];
        }
        return last + 1;
    }
}
