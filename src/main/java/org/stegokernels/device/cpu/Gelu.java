package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** GELU on its own; linear layers apply it in their epilogue instead. */
final class Gelu {
    private final RowLanes lanes;
    private final Parallel parallel;

    Gelu(RowLanes lanes, Parallel parallel) {
        this.lanes = lanes;
        this.parallel = parallel;
    }

    void run(Tensor x, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        RowBlocks.forEach(
                parallel, x.shape().size(), 1, (first, count, worker) -> lanes.gelu(from, first, first + count, to));
    }
}
