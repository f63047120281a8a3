package org.stegokernels.device.tornado;

import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.device.launch.OwnOperations.Weights;

/** Weights as they lie in files, or transposed: the kernel reads tiles of them either way. */
final class PackedLinear implements LinearWeights {
    private final TornadoContext context;
    private final Weights weights;
    private boolean closed;

    PackedLinear(TornadoContext context, Weights weights) {
        this.context = context;
        this.weights = weights;
    }

    /** Copies weights into memory that is given back on {@link #close}. */
    static PackedLinear copyOf(TornadoContext context, Weights source, String what) {
        int inputs = source.inputs();
        int outputs = source.outputs();
        Block memory = context.copy((Block) source.memory(), (long) inputs * outputs, what);
        Block bias = source.bias() == null ? null : context.copy((Block) source.bias(), outputs, "a bias");
        return new PackedLinear(
                context, new Weights(memory, source.outputStride(), source.inputStride(), bias, inputs, outputs));
    }

    Weights weights() {
        return weights;
    }

    @Override
    public Object owner() {
        if (closed) {
            throw new IllegalStateException("the linear layer is closed");
        }
        return context;
    }

    @Override
    public int inputs() {
        return weights.inputs();
    }

    @Override
    public int outputs() {
        return weights.outputs();
    }

    @Override
    public void close() {
        synchronized (context) {
            closed = true;
            weights.memory().close();
            if (weights.bias() != null) {
                weights.bias().close();
            }
        }
    }
}
