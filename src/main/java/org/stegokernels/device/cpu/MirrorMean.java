package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** Mean of an image of features and of its mirror image's, flipped back: blocks of lines over the threads. */
final class MirrorMean {
    private final RowLanes lanes;
    private final Parallel parallel;

    MirrorMean(RowLanes lanes, Parallel parallel) {
        this.lanes = lanes;
        this.parallel = parallel;
    }

    void run(Tensor x, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int height = out.shape().dim(0);
        int width = out.shape().dim(1);
        int channels = out.shape().dim(2);
        int line = width * channels;
        RowBlocks.forEach(parallel, height, line, (first, lines, worker) -> {
            for (int y = first; y < first + lines; y++) {
                lanes.mirrorMean(from, y * line, (height + y) * line, width, channels, to, y * line);
            }
        });
    }
}
