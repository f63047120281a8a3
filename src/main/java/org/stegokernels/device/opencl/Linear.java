package org.stegokernels.device.opencl;

import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations;
import org.stegokernels.device.launch.OwnOperations.RowMap;
import org.stegokernels.device.launch.OwnOperations.Weights;
import org.stegokernels.tensor.Tensor.ElementType;

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
        Memory operand = operand(x, rows, panels);
        double products = (double) rows * panels.inputs() * panels.outputs();
        double in = (double) rows * panels.inputs() * (tiles.rounded() ? tiles.weightBytes() : Float.BYTES);
        double weightBytes = (double) panels.inputs() * panels.outputs() * tiles.weightBytes();
        double added = residual == null ? 0 : (double) rows * panels.outputs() * bytes(residual);
        double bytes = in + weightBytes + added + (double) rows * panels.outputs() * bytes(out);
        new OpenClLaunch(context, tiles.file(), tiles.kernel(), cut.options() + OpenClLaunch.halves(isRounded(out)))
                .with(operand)
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
                .with(tiles.rounded() ? tiles.rowChunks(panels.inputs()) : cut.rows())
                .with(out)
                .does(2 * products, bytes)
                .overGroups(cut.across(panels.outputs()), cut.down(rows), cut.itemsX(), cut.itemsY());
    }

    /** Returns x as the kernel takes it: rounded before in 16 bits or TF32, but on a GPU without matrix units. */
    private Memory operand(Memory x, int rows, Panels panels) {
        LinearTiles tiles = panels.tiles();
        if (tiles.rounded()) {
            boolean lies = isRounded(x) && panels.inputs() % MatrixTiles.HALVES == 0;
            return lies ? x : packRows(x, rows, panels);
        }
        boolean rounds =
                tiles.precision() == Precision.FP16 && !context.tuning().tiled();
        return rounds ? roundRows(x, rows, panels) : x;
    }

    private static boolean isRounded(Memory memory) {
        return ((OpenClMemory) memory).type() == ElementType.F16;
    }

    private static int bytes(Memory memory) {
        return ((OpenClMemory) memory).type().bytes();
    }

    /** Returns x rounded, in rows of whole chunks, as matrix units take it. */
    private Memory packRows(Memory x, int rows, Panels panels) {
        LinearTiles tiles = panels.tiles();
        int rowChunks = tiles.rowChunks(panels.inputs());
        long chunks = (long) rows * rowChunks;
        Memory packed = rounded.take(chunks * MatrixTiles.CHUNK_BYTES / Float.BYTES);
        new OpenClLaunch(context, tiles.file(), "pack_rows", tiles.options() + OpenClLaunch.halves(isRounded(x)))
                .with(x)
                .with(panels.inputs())
                .with(rowChunks)
                .with(packed)
                .doesByRow((double) rows * panels.inputs() * (bytes(x) + tiles.weightBytes()))
                .overItems(chunks, 1);
        return packed;
    }

    /** Returns x rounded to as many bits as weights, in floats. */
    private Memory roundRows(Memory x, int rows, Panels panels) {
        long count = (long) rows * panels.inputs();
        Memory floats = rounded.take(count);
        new OpenClLaunch(
                        context,
                        panels.tiles().file(),
                        "round_rows",
                        panels.tiles().options())
                .with(x)
                .with(rows)
                .with(panels.inputs())
                .with(floats)
                .does(0, 2.0 * count * Float.BYTES)
                .overRows(rows);
        return floats;
    }
}
