package org.stegokernels.train.loss;

import org.stegokernels.device.Device;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;

/** A tensor that is trained, with its gradient and the two running means that Adam keeps of it. */
public final class Parameter implements AutoCloseable {
    private final String name;
    private final Device device;
    private final Tensor value;
    private final Tensor gradient;
    private final Tensor mean;
    private final Tensor square;

    /**
     * Makes a parameter that starts from given values.
     *
     * @param initial of any shape; a pointwise convolution's {@code [N, K, 1, 1]} is kept as {@code [N, K]}
     */
    public Parameter(Device device, String name, HostTensor initial) {
        this.device = device;
        this.name = name;
        int[] dims = matrix(initial.shape()).dims();
        value = device.upload(initial.values(), dims);
        gradient = device.allocate(dims);
        mean = device.allocate(dims);
        square = device.allocate(dims);
    }

    private static Shape matrix(Shape shape) {
        boolean pointwise = shape.rank() == 4 && shape.dim(2) == 1 && shape.dim(3) == 1;
        return pointwise ? Shape.of(shape.dim(0), shape.dim(1)) : shape;
    }

    public String name() {
        return name;
    }

    public Tensor value() {
        return value;
    }

    public Tensor gradient() {
        return gradient;
    }

    /** Returns the running mean of the gradients. */
    public Tensor mean() {
        return mean;
    }

    /** Returns the running mean of the squared gradients. */
    public Tensor square() {
        return square;
    }

    /** Returns a copy of the values. */
    public HostTensor host() {
        return new HostTensor(value.shape(), device.floats(value));
    }

    @Override
    public void close() {
        value.close();
        gradient.close();
        mean.close();
        square.close();
    }
}
