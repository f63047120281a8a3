package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.tensor.Tensor;

/**
 * Backward of {@link Bilinear}: each line of the input gathers the lines of the output that it went into, then their
 * columns. Lines are independent of each other.
 */
final class BilinearGradient {
    private final TrainingLanes lanes;
    private final Parallel parallel;
    private final Workspace workspace;

    BilinearGradient(TrainingLanes lanes, Parallel parallel, Workspace workspace) {
        this.lanes = lanes;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    void run(Tensor gradOut, Tensor gradX) {
        float[] g = CpuDevice.array(gradOut);
        float[] sums = CpuDevice.array(gradX);
        int height = gradX.shape().dim(1);
        int width = gradX.shape().dim(2);
        int channels = gradX.shape().dim(3);
        int outHeight = gradOut.shape().dim(1);
        int outWidth = gradOut.shape().dim(2);
        int outLine = outWidth * channels;
        Resample.Axis vertical = Bilinear.axis(height, outHeight);
        Resample.Axis horizontal = Bilinear.axis(width, outWidth);
        float[][] scratch = workspace.workers(outLine);
        parallel.forEach(gradX.shape().dim(0) * height, (line, worker) -> {
            float[] gathered = scratch[worker];
            Arrays.fill(gathered, 0, outLine, 0f);
            int image = line / height;
            for (int y = 0; y < 2 * outHeight; y++) {
                if (vertical.sources()[y] == line % height) {
                    int from = (image * outHeight + y / 2) * outLine;
                    lanes.addScaled(g, from, outLine, vertical.weights()[y], gathered, 0);
                }
            }
            int target = line * width * channels;
            Arrays.fill(sums, target, target + width * channels, 0f);
            for (int x = 0; x < 2 * outWidth; x++) {
                int to = target + horizontal.sources()[x] * channels;
                lanes.addScaled(gathered, x / 2 * channels, channels, horizontal.weights()[x], sums, to);
            }
        });
    }
}
