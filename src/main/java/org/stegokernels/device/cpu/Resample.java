package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/**
 * Separable resize of channels-last images. For each line of the output the source lines are mixed first, at the width
 * of the input, then its columns: for enlargement that costs little more than one pass over the output, reads from the
 * first-level cache, and makes the lines independent of each other.
 */
final class Resample {
    /**
     * The sources of each index along one axis of the output.
     *
     * @param taps sources of each index: 2 or 4
     * @param sources {@code [size, taps]} indices into the input
     * @param weights {@code [size, taps]}
     */
    record Axis(int taps, int[] sources, float[] weights) {
        Axis(int size, int taps) {
            this(taps, new int[size * taps], new float[size * taps]);
        }

        void set(int index, int tap, int source, int inputSize, double weight) {
            sources[index * taps + tap] = Math.max(0, Math.min(inputSize - 1, source));
            weights[index * taps + tap] = (float) weight;
        }
    }

    private final RowLanes lanes;
    private final Parallel parallel;
    private final Workspace workspace;

    Resample(RowLanes lanes, Parallel parallel, Workspace workspace) {
        this.lanes = lanes;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    void run(Tensor x, Axis vertical, Axis horizontal, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        int height = x.shape().dim(1);
        int width = x.shape().dim(2);
        int channels = x.shape().dim(3);
        int outHeight = out.shape().dim(1);
        int outWidth = out.shape().dim(2);
        int line = width * channels;
        int outLine = outWidth * channels;
        if (out.shape().size() == 0) {
            return;
        }
        float[][] scratch = workspace.workers(line);
        RowBlocks.forEach(parallel, x.shape().dim(0) * outHeight, outLine, (first, lines, worker) -> {
            float[] mixed = scratch[worker];
            for (int y = first; y < first + lines; y++) {
                int image = y / outHeight * height * line;
                mix(vertical, from, image, y % outHeight, 1, line, mixed, 0);
                mix(horizontal, mixed, 0, 0, outWidth, channels, to, y * outLine);
            }
        });
    }

    private void mix(
            Axis axis, float[] x, int xOffset, int first, int pixels, int channels, float[] out, int outOffset) {
        if (axis.taps == 2) {
            lanes.mix2(x, xOffset, axis.sources, axis.weights, first, pixels, channels, out, outOffset);
        } else {
            lanes.mix4(x, xOffset, axis.sources, axis.weights, first, pixels, channels, out, outOffset);
        }
    }
}
