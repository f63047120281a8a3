package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** Each channel of each image times a factor: blocks of rows over the threads. */
final class ScaleChannels {
    private final TrainingLanes lanes;
    private final Parallel parallel;

    ScaleChannels(TrainingLanes lanes, Parallel parallel) {
        this.lanes = lanes;
        this.parallel = parallel;
    }

    void run(Tensor x, Tensor factors, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] by = CpuDevice.array(factors);
        float[] to = CpuDevice.array(out);
        int channels = x.shape().dim(-1);
        int perImage = x.shape().rows() / Math.max(1, x.shape().dim(0));
        RowBlocks.forEach(parallel, x.shape().rows(), channels, (first, count, worker) -> {
            for (int row = first; row < first + count; row++) {
                lanes.multiply(from, row * channels, by, row / perImage * channels, channels, to, row * channels);
            }
        });
    }
}
