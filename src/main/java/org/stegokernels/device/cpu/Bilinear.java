package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** Bilinear resize: two taps along each axis of {@link Resample}. */
final class Bilinear {
    private final Resample resample;

    Bilinear(Resample resample) {
        this.resample = resample;
    }

    void run(Tensor x, Tensor out) {
        resample.run(
                x,
                axis(x.shape().dim(1), out.shape().dim(1)),
                axis(x.shape().dim(2), out.shape().dim(2)),
                out);
    }

    /** Sources and weights of each index of an axis of {@code size}, resized from {@code inputSize}. */
    static Resample.Axis axis(int inputSize, int size) {
        Resample.Axis axis = new Resample.Axis(size, 2);
        for (int i = 0; i < size; i++) {
            double position = Math.max(0, (i + 0.5) * inputSize / size - 0.5);
            int source = (int) position;
            axis.set(i, 0, source, inputSize, 1 - (position - source));
            axis.set(i, 1, source + 1, inputSize, position - source);
        }
        return axis;
    }
}
