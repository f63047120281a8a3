package org.stegokernels.stego;

import org.stegokernels.tensor.Shape;
import org.stegokernels.weights.TensorIndex;

/** A 1x1 convolution, which is a linear layer on each pixel by itself. */
final class PointwiseConvolution {
    private PointwiseConvolution() {}

    /**
     * Reads the size of a convolution off its weight.
     *
     * @param weight name of a tensor {@code [N, K, 1, 1]}, as PyTorch's Conv2d has it, or {@code [N, K]}
     * @param outputs what N has to be, or 0 for any
     * @param inputs what K has to be, or 0 for any
     * @return {@code [N, K]}
     * @throws org.stegokernels.weights.ModelException if there is no such tensor or its shape is another
     */
    static Shape shape(TensorIndex file, String weight, int outputs, int inputs) {
        Shape shape = file.entry(weight).shape();
        boolean pointwise = shape.rank() == 2 || shape.rank() == 4 && shape.dim(2) == 1 && shape.dim(3) == 1;
        boolean fits = pointwise
                && shape.size() > 0
                && (outputs == 0 || shape.dim(0) == outputs)
                && (inputs == 0 || shape.dim(1) == inputs);
        if (!fits) {
            String wanted = (outputs == 0 ? "outputs" : outputs) + ", " + (inputs == 0 ? "inputs" : inputs);
            throw file.wrongShape(weight, "[" + wanted + ", 1, 1]");
        }
        return Shape.of(shape.dim(0), shape.dim(1));
    }
}
