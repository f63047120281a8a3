package org.stegokernels.device.launch;

import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code grid_sample}. */
final class GridSample {
    private static final String FAMILY = "grid_sample";

    private final Launcher launcher;
    private final IndexCheck check;

    GridSample(Launcher launcher, IndexCheck check) {
        this.launcher = launcher;
        this.check = check;
    }

    void run(Tensor x, Tensor images, Tensor coords, Tensor out) {
        requireInside(images, x);
        int count = out.shape().rows();
        launcher.launch(FAMILY, "grid_sample")
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
                .overRows(count);
    }

    void gradient(Tensor gradOut, Tensor images, Tensor coords, Tensor gradX) {
        requireInside(images, gradX);
        int lines = gradX.shape().dim(0) * gradX.shape().dim(1);
        launcher.launch(FAMILY, "grid_sample_gradient")
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
                .overRows(lines);
    }

    private static int perSample(Tensor samples) {
        return samples.shape().dim(1) * samples.shape().dim(2);
    }

    /** Waits for the numbers of the images. */
    private void requireInside(Tensor images, Tensor x) {
        int bound = x.shape().dim(0);
        int bad = check.firstBad(images, 0, images.shape().size(), bound);
        if (bad >= 0) {
            throw new IllegalArgumentException("gridSample: image " + check.value(images, bad) + " of sample " + bad
                    + " is not in 0.." + (bound - 1));
        }
    }
}
