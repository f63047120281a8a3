package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** Rows to unit length. */
final class Normalize {
    private final RowLanes lanes;
    private final Parallel parallel;

    Normalize(RowLanes lanes, Parallel parallel) {
        this.lanes = lanes;
        this.parallel = parallel;
    }

    void run(Tensor x, float epsilon, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int channels = x.shape().dim(-1);
        RowBlocks.forEach(
                parallel,
                x.shape().rows(),
                channels,
                (first, rows, worker) -> lanes.normalize(from, first * channels, rows, channels, epsilon, to));
    }
}
