package org.stegokernels.device;

import java.util.Arrays;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * The words in which {@link CheckedKernels} and {@link CheckedTrainingKernels} say which arguments fit an operation. Where a
 * tensor may be null, null fits.
 */
final class Contract {
    private static final Shape SCALAR = Shape.of(1);

    private Contract() {}

    /** Returns the exception of an operation on a device that lacks it. */
    static UnsupportedOperationException unsupported(String operation) {
        return new UnsupportedOperationException("this device has no operation " + operation);
    }

    static void require(boolean condition, String operation, Tensor... tensors) {
        if (!condition) {
            throw new IllegalArgumentException(operation + ": shapes don't fit: " + Arrays.toString(tensors));
        }
    }

    /** Requires that a host array has as many elements as a tensor, or more, of the same type. */
    static void copy(int length, Tensor tensor, ElementType type) {
        if (length < tensor.shape().size() || tensor.type() != type) {
            throw new IllegalArgumentException("host array of " + length + " " + type + " for tensor " + tensor);
        }
    }

    /** Requires that one tensor of floats fits into another from an element on, and that they share no memory. */
    static void part(Tensor from, Tensor to, int first) {
        boolean fits = from.type() == ElementType.F32
                && to.type() == ElementType.F32
                && from.buffer() != to.buffer()
                && first >= 0
                && (long) first + from.shape().size() <= to.shape().size();
        require(fits, "copy to element " + first, from, to);
    }

    /** Requires floats of one shape with channels. */
    static void sameRows(String operation, Tensor x, Tensor out) {
        require(floats(x, out) && same(x, out), operation, x, out);
    }

    /** Returns whether all are floats with at least one dimension. */
    static boolean floats(Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor != null
                    && (tensor.type() != ElementType.F32 || tensor.shape().rank() < 1)) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether all have at least one dimension and are of one type that activations may be of. */
    static boolean activations(Tensor first, Tensor... others) {
        for (Tensor tensor : others) {
            if (tensor.type() != first.type() || tensor.shape().rank() < 1) {
                return false;
            }
        }
        return first.type() != ElementType.I32 && first.shape().rank() >= 1;
    }

    static boolean ints(Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor.type() != ElementType.I32) {
                return false;
            }
        }
        return true;
    }

    static boolean rank(int rank, Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor.shape().rank() != rank) {
                return false;
            }
        }
        return true;
    }

    static boolean same(Tensor first, Tensor... others) {
        for (Tensor tensor : others) {
            if (tensor != null && !tensor.shape().equals(first.shape())) {
                return false;
            }
        }
        return true;
    }

    static boolean is(Tensor tensor, int... dims) {
        return tensor == null || tensor.shape().equals(Shape.of(dims));
    }

    static boolean loss(Tensor loss) {
        return loss.type() == ElementType.F32 && loss.shape().equals(SCALAR);
    }

    /** Returns the channels. */
    static int last(Tensor tensor) {
        return tensor.shape().dim(-1);
    }
}
