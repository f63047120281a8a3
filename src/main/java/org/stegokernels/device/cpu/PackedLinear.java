package org.stegokernels.device.cpu;

import org.stegokernels.device.LinearWeights;

/**
 * Weights in panels of {@code columns} output channels, each {@code [K, columns]}; the last panel and the bias are padded
 * with zeros.
 */
final class PackedLinear implements LinearWeights {
    final float[] panels;
    final float[] bias;
    private final CpuDevice device;
    private final int inputs;
    private final int outputs;
    private boolean closed;

    /** @param device which accounts for the panels and the bias */
    PackedLinear(CpuDevice device, float[] panels, float[] bias, int outputs, int inputs) {
        this.device = device;
        this.inputs = inputs;
        this.outputs = outputs;
        this.panels = panels;
        this.bias = bias;
        device.account(bytes());
    }

    /** The same in memory that is somebody else's. */
    PackedLinear(float[] panels, float[] bias, int outputs, int inputs) {
        this.device = null;
        this.inputs = inputs;
        this.outputs = outputs;
        this.panels = panels;
        this.bias = bias;
        this.closed = true;
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
    public void close() {
        if (!closed) {
            closed = true;
            device.account(-bytes());
        }
    }
}
