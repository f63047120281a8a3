package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.device.LinearWeights;
import org.stegokernels.device.Precision;
import org.stegokernels.tensor.Tensor;

/** Weights in panels, as {@code linear.cl} reads them. */
final class PackedLinear implements LinearWeights {
    private final Workspace panels;
    private final Workspace bias;
    private final int inputs;
    private final int outputs;

    PackedLinear(OpenClContext context, Tensor weight, Tensor bias) {
        this.outputs = weight.shape().dim(0);
        this.inputs = weight.shape().dim(1);
        this.panels = new Workspace(context, "a linear layer " + weight);
        this.bias = new Workspace(context, "a bias");
        boolean half = context.precision() == Precision.FP16;
        int columns = context.tuning().columns();
        int padded = (outputs + columns - 1) / columns * columns;
        new KernelCall(context, "linear", "pack_linear", context.tuning().linearOptions(half))
                .with(weight)
                .with(bias == null ? weight : bias)
                .with(bias == null ? 0 : 1)
                .with(inputs)
                .with(outputs)
                .with(panels.words((long) padded * inputs, half ? Short.BYTES : Float.BYTES))
                .with(this.bias.floats(padded))
                .does(0, 2 * OpenClKernels.bytes(weight))
                .run(padded);
    }

    cl_mem panels() {
        return open(panels);
    }

    cl_mem bias() {
        return open(bias);
    }

    private static cl_mem open(Workspace memory) {
        if (memory.memory() == null) {
            throw new IllegalStateException("the linear layer is closed");
        }
        return memory.memory();
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public void close() {
        panels.close();
        bias.close();
    }
}
