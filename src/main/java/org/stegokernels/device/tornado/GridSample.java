package org.stegokernels.device.tornado;

import org.stegokernels.device.KernelTime;
import org.stegokernels.tensor.Tensor;

/** Launches of the kernels of this name. */
final class GridSample {
    private final TornadoContext context;
    private final IndexCheck check;

    GridSample(TornadoContext context, IndexCheck check) {
        this.context = context;
        this.check = check;
    }

    void run(Tensor x, Tensor images, Tensor coords, Tensor out) {
        requireInside(images, x);
        int count = out.shape().rows();
        context.call(Kernel.GRID_SAMPLE)
                .with(x)
                .with(images)
                .with(coords)
                .with(count)
                .with(x.shape().dim(3))
                .with(perSample(out))
                .with(x.shape().dim(1))
                .with(x.shape().dim(2))
                .with(out)
                .does(8.0 * out.shape().size(), 5 * KernelTime.bytes(out))
                .rows(count);
    }

    void gradient(Tensor gradOut, Tensor images, Tensor coords, Tensor gradX) {
        requireInside(images, gradX);
        int lines = gradX.shape().dim(0) * gradX.shape().dim(1);
        context.call(Kernel.GRID_SAMPLE_GRADIENT)
                .with(gradOut)
                .with(images)
                .with(coords)
                .with(lines)
                .with(gradX.shape().dim(3))
                .with(gradOut.shape().dim(0))
                .with(perSample(gradOut))
                .with(gradX.shape().dim(1))
                .with(gradX.shape().dim(2))
                .with(gradX)
                .does(8.0 * gradOut.shape().size(), 9 * KernelTime.bytes(gradOut))
                .rows(lines);
    }

    private static int perSample(Tensor samples) {
        return samples.shape().dim(1) * samples.shape().dim(2);
    }

    private void requireInside(Tensor images, Tensor x) {
        int bound = x.shape().dim(0);
        int start = TornadoBuffer.start(images);
        int bad = check.firstBad(start, images.shape().size(), bound);
        if (bad >= 0) {
            throw new IllegalArgumentException("gridSample: image " + context.readInt(start + bad) + " of sample " + bad
                    + " is not in 0.." + (bound - 1));
        }
    }
}
