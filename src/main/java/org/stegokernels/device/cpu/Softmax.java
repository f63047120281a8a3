package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/**
 * Softmax and its logarithm. The largest value of a row is subtracted first, so no finite input overflows; a row with
 * NaN, plus infinity or nothing but minus infinity becomes NaN.
 */
final class Softmax {
    private final RowLanes lanes;
    private final Parallel parallel;
    private final Workspace workspace;

    Softmax(RowLanes lanes, Parallel parallel, Workspace workspace) {
        this.lanes = lanes;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    void run(Tensor x, float scale, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int channels = x.shape().dim(-1);
        float[][] scratch = workspace.workers(channels);
        RowBlocks.forEach(
                parallel,
                x.shape().rows(),
                channels,
                (first, rows, worker) ->
                        lanes.softmax(from, first * channels, rows, channels, scale, scratch[worker], to));
    }

    void runLog(Tensor x, float scale, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int channels = x.shape().dim(-1);
        float[][] scratch = workspace.workers(channels);
        RowBlocks.forEach(
                parallel,
                x.shape().rows(),
                channels,
                (first, rows, worker) ->
                        lanes.logSoftmax(from, first * channels, rows, channels, scale, scratch[worker], to));
    }
}
