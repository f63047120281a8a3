package org.stegokernels.device.opencl;

import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations.Weights;

/** Weights as {@code linear.cl} or {@code linear_matrix.cl} reads them: in panels of output channels. */
final class Panels implements LinearWeights {
    private final OpenClContext context;
    private final LinearTiles tiles;
    /** Panels of {@link LinearTiles#columns} output channels; words that hold one weight, or two halves. */
    private final Workspace memory;
    /** {@code [ceil(outputs / columns) columns]}. */
    private final Workspace bias;

    private int inputs;
    private int outputs;
    private boolean closed;

    Panels(OpenClContext context, LinearTiles tiles, String what) {
        this.context = context;
        this.tiles = tiles;
        this.memory = Workspace.floats(context, what);
        this.bias = Workspace.floats(context, "a bias");
    }

    /** Packs weights in place of those that are there. */
    Panels pack(Weights source) {
        inputs = source.inputs();
        outputs = source.outputs();
        int padded = tiles.panels(outputs) * tiles.columns();
        long bytes = (long) padded * tiles.paddedInputs(inputs) * tiles.weightBytes();
        new OpenClLaunch(context, tiles.file(), "pack_linear", tiles.options())
                .with(source.memory())
                .with(source.outputStride())
                .with(source.inputStride())
                .with(source.bias() == null ? source.memory() : source.bias())
                .with(source.bias() == null ? 0 : 1)
                .with(inputs)
                .with(outputs)
                .with(memory.take((bytes + Float.BYTES - 1) / Float.BYTES))
                .with(bias.take(padded))
                .does(0, 2.0 * inputs * outputs * Float.BYTES)
                .overItems(padded);
        return this;
    }

    LinearTiles tiles() {
        return tiles;
    }

    Memory memory() {
        return memory.memory();
    }

    Memory bias() {
        return bias.memory();
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
        return inputs;
    }

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public void close() {
        synchronized (context) {
            closed = true;
            memory.close();
            bias.close();
        }
    }
}
