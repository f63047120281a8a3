package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** Backward of {@link Normalize}: what of the gradient is along the row is taken out of it. */
final class NormalizeGradient {
    private final TrainingLanes lanes;
    private final Parallel parallel;

    NormalizeGradient(TrainingLanes lanes, Parallel parallel) {
        this.lanes = lanes;
        this.parallel = parallel;
    }

    void run(Tensor x, float epsilon, Tensor gradOut, Tensor gradX) {
        float[] in = CpuDevice.array(x);
        float[] g = CpuDevice.array(gradOut);
        float[] out = CpuDevice.array(gradX);
        int channels = x.shape().dim(-1);
        RowBlocks.forEach(parallel, x.shape().rows(), channels, (first, count, worker) -> {
            for (int row = first * channels; row < (first + count) * channels; row += channels) {
                double squares = lanes.dot(in, row, in, row, channels);
                double length = Math.sqrt(squares);
                double along = length < epsilon ? 0 : lanes.dot(in, row, g, row, channels) / squares;
                double scale = 1 / Math.max(length, epsilon);
                lanes.combine(g, row, (float) scale, in, row, (float) (-along * scale), channels, out, row);
            }
        });
    }
}
