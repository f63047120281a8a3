package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** Copies a block of rows and channels. */
final class Slice {
    private final Parallel parallel;

    Slice(Parallel parallel) {
        this.parallel = parallel;
    }

    void run(Tensor x, int firstRow, int firstChannel, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int tokens = x.shape().dim(1);
        int channels = x.shape().dim(2);
        int outTokens = out.shape().dim(1);
        int outChannels = out.shape().dim(2);
        RowBlocks.forEach(parallel, out.shape().rows(), outChannels, (first, rows, worker) -> {
            for (int row = first; row < first + rows; row++) {
                int token = row / outTokens * tokens + firstRow + row % outTokens;
                System.arraycopy(from, token * channels + firstChannel, to, row * outChannels, outChannels);
            }
        });
    }
}
