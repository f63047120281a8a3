package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** Backward of ReLU: the gradient where the output is positive. */
final class ReluGradient {
    private final TrainingLanes lanes;
    private final Parallel parallel;

    ReluGradient(TrainingLanes lanes, Parallel parallel) {
        this.lanes = lanes;
        this.parallel = parallel;
    }

    void run(Tensor y, Tensor gradOut, Tensor gradX) {
        float[] output = CpuDevice.array(y);
        float[] g = CpuDevice.array(gradOut);
        float[] out = CpuDevice.array(gradX);
        RowBlocks.forEach(parallel, y.shape().size(), 1, (first, count, worker) -> {
            lanes.positivePart(output, g, first, first + count, out);
        });
    }
}
