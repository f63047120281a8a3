package org.stegokernels.device.cpu;

import org.stegokernels.device.AdamSettings;
import org.stegokernels.tensor.Tensor;

/** A step of Adam, element by element. */
final class AdamStep {
    /**
     * The settings at one step.
     *
     * @param keepMean beta1, and {@code newMean} 1 - beta1
     * @param keepSquare beta2, and {@code newSquare} 1 - beta2
     * @param spread {@code 1 / sqrt(1 - beta2^t)}
     * @param step {@code rate / (1 - beta1^t)}
     */
    record Rates(
            float keepMean, float newMean, float keepSquare, float newSquare, float spread, float epsilon, float step) {
        static Rates at(AdamSettings settings, int step) {
            return new Rates(
                    (float) settings.beta1(),
                    (float) (1 - settings.beta1()),
                    (float) settings.beta2(),
                    (float) (1 - settings.beta2()),
                    (float) (1 / Math.sqrt(1 - Math.pow(settings.beta2(), step))),
                    (float) settings.epsilon(),
                    (float) (settings.learningRate() / (1 - Math.pow(settings.beta1(), step))));
        }
    }

    private final TrainingLanes lanes;
    private final Parallel parallel;

    AdamStep(TrainingLanes lanes, Parallel parallel) {
        this.lanes = lanes;
        this.parallel = parallel;
    }

    void run(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamSettings settings, int step) {
        Rates rates = Rates.at(settings, step);
        float[] value = CpuDevice.array(parameter);
        float[] g = CpuDevice.array(gradient);
        float[] m = CpuDevice.array(mean);
        float[] v = CpuDevice.array(square);
        RowBlocks.forEach(parallel, parameter.shape().size(), 1, (first, count, worker) -> {
            lanes.adam(value, g, m, v, first, first + count, rates);
        });
    }
}
