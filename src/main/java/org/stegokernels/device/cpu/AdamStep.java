package org.stegokernels.device.cpu;

import org.stegokernels.device.AdamRates;
import org.stegokernels.device.AdamSettings;
import org.stegokernels.tensor.Tensor;

/** A step of Adam, element by element. */
final class AdamStep {
    private final TrainingLanes lanes;
    private final Parallel parallel;

    AdamStep(TrainingLanes lanes, Parallel parallel) {
        this.lanes = lanes;
        this.parallel = parallel;
    }

    void run(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamSettings settings, int step) {
        AdamRates rates = settings.at(step);
        float[] value = CpuDevice.array(parameter);
        float[] g = CpuDevice.array(gradient);
        float[] m = CpuDevice.array(mean);
        float[] v = CpuDevice.array(square);
        RowBlocks.forEach(parallel, parameter.shape().size(), 1, (first, count, worker) -> {
            lanes.adam(value, g, m, v, first, first + count, rates);
        });
    }
}
