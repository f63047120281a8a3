package org.stegokernels.device.cpu;

import org.stegokernels.device.Kernels.LinearWeights;

/**
 * Weights in panels of {@code columns} output channels, each {@code [K, columns]}; the last panel and the bias are padded
 * with zeros.
 */
final class PackedLinear implements LinearWeights {
    final float[] panels;
    final float[] bias;
    private final CpuDevice owner;
    private final int inputs;
    private final int outputs;
    private boolean closed;

    /** @param owner which accounts for the memory; null if another owns that, and this is never closed */
    PackedLinear(CpuDevice owner, float[] panels, float[] bias, int outputs, int inputs) {
        this.owner = owner;
        this.inputs = inputs;
        this.outputs = outputs;
        this.panels = panels;
        this.bias = bias;
        if (owner != null) {
            owner.account(bytes());
        }
    }

    private long bytes() {
        return (long) Float.BYTES * (panels.length + bias.length);
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
    public Object owner() {
        if (closed) {
            throw new IllegalStateException("the linear layer is closed");
        }
        return owner;
    }

    @Override
    public void close() {
        synchronized (owner) {
            if (!closed) {
                closed = true;
                owner.account(-bytes());
            }
        }
    }
}
