package org.stegokernels.device.opencl;

import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.launch.OwnOperations;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code bicubic.cl}, which gets each scale as a sum of two floats. */
final class Bicubic implements OwnOperations.Bicubic {
    private final OpenClContext context;

    Bicubic(OpenClContext context) {
        this.context = context;
    }

    @Override
    public void run(Tensor x, double scaleY, double scaleX, Tensor out) {
        OpenClLaunch launch = context.launch("bicubic", "bicubic")
                .with(x)
                .with(out.shape().rows())
                .with(x.shape().dim(1))
                .with(x.shape().dim(2))
                .with(x.shape().dim(3))
                .with(out.shape().dim(1))
                .with(out.shape().dim(2));
        for (double scale : new double[] {scaleY, scaleX}) {
            float inverse = (float) (1 / scale);
            launch.with(inverse).with((float) (1 / scale - inverse));
        }
        launch.with(out).does(0, KernelTime.bytes(x, out)).overRows(out.shape().rows());
    }
}
