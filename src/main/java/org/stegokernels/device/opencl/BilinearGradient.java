package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code bilinear_gradient.cl}: the lines, then the columns. */
final class BilinearGradient {
    private final RowKernels rows;
    private final Workspace gathered;

    BilinearGradient(OpenClContext context, RowKernels rows) {
        this.rows = rows;
        this.gathered = new Workspace(context, "gathered lines");
    }

    void run(Tensor gradOut, Tensor gradX) {
        int batch = gradX.shape().dim(0);
        int height = gradX.shape().dim(1);
        int width = gradX.shape().dim(2);
        int channels = gradX.shape().dim(3);
        int outHeight = gradOut.shape().dim(1);
        int outWidth = gradOut.shape().dim(2);
        cl_mem lines = gathered.floats((long) batch * height * outWidth * channels);
        axis(OpenClBuffer.memory(gradOut), batch * height, outWidth * channels, height, outHeight, lines);
        axis(lines, batch * height * width, channels, width, outWidth, OpenClBuffer.memory(gradX));
    }

    private void axis(cl_mem from, int count, int inner, int inputSize, int size, cl_mem to) {
        KernelCall call = rows.call("bilinear_gradient", "bilinear_gradient")
                .with(from)
                .with(count)
                .with(inner)
                .with(inputSize)
                .with(size)
                .with(to);
        rows.run(call, count);
    }
}
