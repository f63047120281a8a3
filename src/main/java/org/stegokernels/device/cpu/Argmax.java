package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** Index of the largest channel of each row: blocks of rows over the threads. */
final class Argmax {
    private final RowLanes lanes;
    private final Parallel parallel;

    Argmax(RowLanes lanes, Parallel parallel) {
        this.lanes = lanes;
        this.parallel = parallel;
    }

    void run(Tensor x, Tensor out) {
        float[] from = CpuDevice.array(x);
        int[] to = CpuDevice.intArray(out);
        int channels = x.shape().dim(-1);
        RowBlocks.forEach(
                parallel,
                x.shape().rows(),
                channels,
                (first, rows, worker) -> lanes.argmax(from, first, rows, channels, to));
    }
}
