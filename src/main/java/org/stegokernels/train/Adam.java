package org.stegokernels.train;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.train.loss.Parameter;

/** The optimiser of some parameters (Kingma and Ba 2015). Its memory lies with the parameters. */
public final class Adam {
    private final TrainingKernels kernels;
    private final AdamSettings settings;
    private final List<Parameter> parameters;
    private int steps;

    public Adam(Device device, AdamSettings settings, List<Parameter> parameters) {
        this.kernels = device.training();
        this.settings = settings;
        this.parameters = List.copyOf(parameters);
    }

    /** Moves all parameters by their gradients. */
    public void step() {
        steps++;
        for (Parameter p : parameters) {
            kernels.adam(p.value(), p.gradient(), p.mean(), p.square(), settings, steps);
        }
    }

    /** Steps done. */
    public int steps() {
        return steps;
    }

    /** Goes on behind a step that was done before, the parameters' memory being restored. */
    public void resume(int stepsDone) {
        steps = stepsDone;
    }
}
