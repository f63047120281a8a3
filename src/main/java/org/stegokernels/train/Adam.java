package org.stegokernels.train;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.train.loss.Objective.Parameter;

/** Optimiser of some parameters (Kingma and Ba 2015). Its memory lies with the parameters. */
final class Adam {
    private final TrainingKernels kernels;
    private final AdamSettings settings;
    private final List<Parameter> parameters;
    private int steps;

    Adam(Device device, AdamSettings settings, List<Parameter> parameters) {
        this.kernels = device.training();
        this.settings = settings;
        this.parameters = List.copyOf(parameters);
    }

    /** Moves all parameters by their gradients. */
    void step() {
        steps++;
        for (Parameter p : parameters) {
            kernels.adam(p.value(), p.gradient(), p.mean(), p.square(), settings, steps);
        }
    }

    /** Returns the number of steps done. */
    int steps() {
        return steps;
    }

    /** Continues after a step done before, with the parameters' memory restored. */
    void resume(int stepsDone) {
        steps = stepsDone;
    }
}
