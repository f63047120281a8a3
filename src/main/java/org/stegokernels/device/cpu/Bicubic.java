package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** Bicubic resize: four taps along each axis of {@link Resample}, weighted by cubic convolution (Keys 1981). */
final class Bicubic {
    /** Slope of the kernel at distance 1; PyTorch's value. */
    private static final double A = -0.75;

    private final Resample resample;

    Bicubic(Resample resample) {
        this.resample = resample;
    }

    void run(Tensor x, double scaleY, double scaleX, Tensor out) {
        resample.run(
                x,
                axis(x.shape().dim(1), scaleY, out.shape().dim(1)),
                axis(x.shape().dim(2), scaleX, out.shape().dim(2)),
                out);
    }

    private static Resample.Axis axis(int inputSize, double scale, int size) {
        Resample.Axis axis = new Resample.Axis(size, 4);
        for (int i = 0; i < size; i++) {
            double position = (i + 0.5) / scale - 0.5;
            int source = (int) Math.floor(position);
            double t = position - source;
            axis.set(i, 0, source - 1, inputSize, far(1 + t));
            axis.set(i, 1, source, inputSize, near(t));
            axis.set(i, 2, source + 1, inputSize, near(1 - t));
            axis.set(i, 3, source + 2, inputSize, far(2 - t));
        }
        return axis;
    }

    /** Returns the kernel up to distance 1. */
    private static double near(double d) {
        return ((A + 2) * d - (A + 3)) * d * d + 1;
    }

    /** Returns the kernel from distance 1 to 2. */
    private static double far(double d) {
        return A * (((d - 5) * d + 8) * d - 4);
    }
}
