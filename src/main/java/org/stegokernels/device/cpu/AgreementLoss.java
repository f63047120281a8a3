package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.tensor.Tensor;

/** The mean negative product of rows. */
final class AgreementLoss {
    private final TrainingLanes lanes;
    private final Parallel parallel;

    AgreementLoss(TrainingLanes lanes, Parallel parallel) {
        this.lanes = lanes;
        this.parallel = parallel;
    }

    /** @return the loss */
    double run(Tensor a, Tensor b, float weight, Tensor gradA) {
        float[] x = CpuDevice.array(a);
        float[] y = CpuDevice.array(b);
        float[] g = CpuDevice.array(gradA);
        int channels = a.shape().dim(-1);
        int count = a.shape().rows();
        float factor = -weight / count;
        double sum = RowBlocks.sum(parallel, count, channels, (first, length, worker) -> {
            double dots = 0;
            for (int row = first * channels; row < (first + length) * channels; row += channels) {
                dots += lanes.dot(x, row, y, row, channels);
            }
            Arrays.fill(g, first * channels, (first + length) * channels, 0f);
            lanes.addScaled(y, first * channels, length * channels, factor, g, first * channels);
            return dots;
        });
        return -sum / count;
    }
}
