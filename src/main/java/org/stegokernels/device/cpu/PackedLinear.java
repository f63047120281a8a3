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

    PackedLinear(CpuDevice device, float[] weight, float[] bias, int outputs, int inputs, int columns) {
        this.device = device;
        this.inputs = inputs;
        this.outputs = outputs;
        int padded = (outputs + columns - 1) / columns * columns;
        this.panels = new float[Math.multiplyExact(padded, inputs)];
        this.bias = new float[padded];
        for (int output = 0; output < outputs; output++) {
            int target = output / columns * columns * inputs + output % columns;
            for (int input = 0; input < inputs; input++) {
                panels[target + input * columns] = weight[output * inputs + input];
            }
        }
        if (bias != null) {
            System.arraycopy(bias, 0, this.bias, 0, outputs);
        }
        device.account(bytes());
    }

    /** Weights already in panels, in memory that is somebody else's. */
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
