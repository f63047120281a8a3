package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** Layer norm: blocks of rows over the threads, two passes over each row for mean and variance, one to write. */
final class LayerNorm {
    private final RowLanes lanes;
    private final Parallel parallel;

    LayerNorm(RowLanes lanes, Parallel parallel) {
        this.lanes = lanes;
        this.parallel = parallel;
    }

    void run(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        float[] scale = CpuDevice.array(gamma);
        float[] shift = CpuDevice.array(beta);
        int channels = x.shape().dim(-1);
        RowBlocks.forEach(
                parallel,
                x.shape().rows(),
                channels,
                (first, rows, worker) ->
                        lanes.layerNorm(from, first * channels, rows, channels, scale, shift, epsilon, to));
    }
}
