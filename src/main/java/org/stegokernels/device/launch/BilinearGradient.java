package org.stegokernels.device.launch;

import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code bilinear_gradient}: the lines, then the columns. */
final class BilinearGradient {
    private final Launcher launcher;
    private final Workspace gathered;

    BilinearGradient(Launcher launcher) {
        this.launcher = launcher;
        this.gathered = Workspace.floats(launcher, "gathered lines");
    }

    void run(Tensor gradOut, Tensor gradX) {
        int batch = gradX.shape().dim(0);
        int height = gradX.shape().dim(1);
        int width = gradX.shape().dim(2);
        int channels = gradX.shape().dim(3);
        int outHeight = gradOut.shape().dim(1);
        int outWidth = gradOut.shape().dim(2);
        Memory lines = gathered.take((long) batch * height * outWidth * channels);
        axis(launcher.memory(gradOut), batch * height, outWidth * channels, height, outHeight, lines);
        axis(lines, batch * height * width, channels, width, outWidth, launcher.memory(gradX));
    }

    private void axis(Memory from, int count, int inner, int inputSize, int size, Memory to) {
        launcher.launch("bilinear_gradient", "bilinear_gradient")
                .with(from)
                .with(count)
                .with(inner)
                .with(inputSize)
                .with(size)
                .with(to)
                .overRows(count);
    }
}
