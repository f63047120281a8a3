package org.stegokernels.device.opencl;

import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations;
import org.stegokernels.device.launch.OwnOperations.RowMap;
import org.stegokernels.device.launch.OwnOperations.Weights;

/** Launches of {@code linear.cl} and {@code linear_matrix.cl}. */
final class Linear implements OwnOperations.Linear {
    private final OpenClContext context;
    private final Panels changing;
    private final Workspace rounded;

    Linear(OpenClContext context) {
        this.context = context;
        this.changing =
                new Panels(context, context.tuning().linear(Precision.FP32), "the weights of a layer that is trained");
        this.rounded = Workspace.floats(context, "rounded rows");
    }

    @Override
    public LinearWeights pack(Weights weights, String what) {
        return new Panels(context, context.tuning().linear(context.precision()), what).pack(weights);
    }

    @Override
    public LinearWeights view(Weights weights) {
        return changing.pack(weights);
    }

    @Override
    public void run(
            Memory x, int rows, LinearWeights weights, Activation activation, Memory residual, RowMap map, Memory out) {
        if (rows == 0) {
            return;
        }
        Panels panels = (Panels) weights;
        LinearTiles tiles = panels.tiles();
        Cut cut = context.tuning()
                .linearCut(
                        tiles.precision(),
                        rows,
                        panels.inputs(),
                        panels.outputs(),
                        context.limits().computeUnits());
        double products = (double) rows * panels.inputs() * panels.outputs();
        double in = (double) rows * panels.inputs() * (tiles.layRows() ? tiles.weightBytes() : Float.BYTES);
        double weightBytes = (double) panels.inputs() * panels.outputs() * tiles.weightBytes();
        double bytes = in + weightBytes + (double) rows * panels.outputs() * Float.BYTES;
        new OpenClLaunch(context, tiles.file(), tiles.kernel(), cut.options())
                .with(tiles.layRows() ? packRows(x, rows, panels) : x)
                .with(panels.memory())
                .with(panels.bias())
                .with(residual == null ? out : residual)
                .with(residual == null ? 0 : 1)
                .with(activation.code())
                .with(rows)
                .with(panels.inputs())
                .with(panels.outputs())
                .with(map.period())
                .with(map.skip())
                .with(tiles.layRows() ? tiles.paddedRows(rows) : cut.rows())
                .with(out)
                .does(2 * products, bytes)
                .overGroups(cut.across(panels.outputs()), cut.down(rows), cut.itemsX(), cut.itemsY());
    }

    /** Returns x rounded, as matrix units take it. */
    private Memory packRows(Memory x, int rows, Panels panels) {
        LinearTiles tiles = panels.tiles();
        int paddedRows = tiles.paddedRows(rows);
        long bytes = (long) paddedRows * tiles.paddedInputs(panels.inputs()) * tiles.weightBytes();
        Memory packed = rounded.take(bytes / Float.BYTES);
        new OpenClLaunch(context, tiles.file(), "pack_rows", tiles.options())
                .with(x)
                .with(rows)
                .with(paddedRows)
                .with(panels.inputs())
                .with(packed)
                .does(0, (double) rows * panels.inputs() * (Float.BYTES + tiles.weightBytes()))
                .overItems(bytes / (2 * MatrixTiles.CHUNK_BYTES), 1);
        return packed;
    }
}
