package org.stegokernels.device.tornado;

import org.stegokernels.device.LinearWeights;
import org.stegokernels.tensor.Tensor;

/** Weights of a layer's own, as they lie in files: the kernel reads tiles of them either way. */
final class PackedLinear implements LinearWeights {
    private final TornadoContext context;
    private final int inputs;
    private final int outputs;
    private final Workspace weight;
    /** Null for none. */
    private final Workspace bias;

    PackedLinear(TornadoContext context, Tensor weight, Tensor bias) {
        this.context = context;
        this.outputs = weight.shape().dim(0);
        this.inputs = weight.shape().dim(1);
        this.weight = copy(context, weight, "a linear layer " + weight);
        this.bias = bias == null ? null : copy(context, bias, "a bias");
    }

    private static Workspace copy(TornadoContext context, Tensor tensor, String what) {
        Workspace copy = Workspace.floats(context, what);
        int size = tensor.shape().size();
        context.call(Kernel.COPY_FLOATS)
                .with(tensor)
                .with(size)
                .with(copy.take(size))
                .items(size);
        return copy;
    }

    @Override
    public Object owner() {
        if (weight.isClosed()) {
            throw new IllegalStateException("the linear layer is closed");
        }
        return context;
    }

    Linear.Weights weights() {
        owner();
        return Linear.Weights.of(weight.start(), bias == null ? Linear.NONE : bias.start(), inputs, outputs);
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
        synchronized (context) {
            weight.close();
            if (bias != null) {
                bias.close();
            }
        }
    }
}
