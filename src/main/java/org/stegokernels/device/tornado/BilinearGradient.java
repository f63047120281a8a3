package org.stegokernels.device.tornado;

import org.stegokernels.tensor.Tensor;

/** Launches of the kernel of this name: the lines, then the columns. */
final class BilinearGradient {
    private final TornadoContext context;
    private final Workspace gathered;

    BilinearGradient(TornadoContext context) {
        this.context = context;
        this.gathered = Workspace.floats(context, "gathered lines");
    }

    void run(Tensor gradOut, Tensor gradX) {
        int batch = gradX.shape().dim(0);
        int height = gradX.shape().dim(1);
        int width = gradX.shape().dim(2);
        int channels = gradX.shape().dim(3);
        int outHeight = gradOut.shape().dim(1);
        int outWidth = gradOut.shape().dim(2);
        int lines = gathered.take((long) batch * height * outWidth * channels);
        axis(TornadoBuffer.start(gradOut), batch * height, outWidth * channels, height, outHeight, lines);
        axis(lines, batch * height * width, channels, width, outWidth, TornadoBuffer.start(gradX));
    }

    private void axis(int from, int count, int inner, int inputSize, int size, int to) {
        context.call(Kernel.BILINEAR_GRADIENT)
                .with(from)
                .with(count)
                .with(inner)
                .with(inputSize)
                .with(size)
                .with(to)
                .rows(count);
    }
}
