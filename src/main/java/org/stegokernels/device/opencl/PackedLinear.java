package org.stegokernels.device.opencl;

import org.stegokernels.device.LinearWeights;
import org.stegokernels.device.Precision;
import org.stegokernels.tensor.Tensor;

/** Weights in panels of their own, packed once. */
final class PackedLinear implements LinearWeights {
    private final OpenClContext context;
    private final Workspace memory;
    private final Workspace bias;
    private final Panels panels;

    PackedLinear(OpenClContext context, Tensor weight, Tensor bias) {
        this.context = context;
        this.memory = new Workspace(context, "a linear layer " + weight);
        this.bias = new Workspace(context, "a bias");
        Panels.Source source = Panels.Source.of(
                OpenClBuffer.memory(weight),
                bias == null ? null : OpenClBuffer.memory(bias),
                weight.shape().dim(1),
                weight.shape().dim(0));
        this.panels = Panels.pack(context, source, context.precision() == Precision.FP16, memory, this.bias);
    }

    Panels panels() {
        owner();
        return panels;
    }

    @Override
    public Object owner() {
        if (memory.memory() == null) {
            throw new IllegalStateException("the linear layer is closed");
        }
        return context;
    }

    @Override
    public int inputs() {
        return panels.inputs();
    }

    @Override
    public int outputs() {
        return panels.outputs();
    }

    @Override
    public void close() {
        synchronized (context) {
            memory.close();
            bias.close();
        }
    }
}
