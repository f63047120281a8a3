package org.stegokernels.device.opencl;

import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.OwnOperations;
import org.stegokernels.device.launch.OwnOperations.RowMap;
import org.stegokernels.device.launch.OwnOperations.Weights;

/** Launches of {@code linear.cl} and {@code linear_matrix.cl}. */
final class Linear implements OwnOperations.Linear {
    private final OpenClContext context;
    private final Panels changing;

    Linear(OpenClContext context) {
        this.context = context;
        this.changing = new Panels(context, context.tuning().linear(false), "the weights of a layer that is trained");
    }

    @Override
    public LinearWeights pack(Weights weights, String what) {
        boolean half = context.precision() == Precision.FP16;
        return new Panels(context, context.tuning().linear(half), what).pack(weights);
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
                        tiles.half(),
                        rows,
                        panels.inputs(),
                        panels.outputs(),
                        context.limits().computeUnits());
        double products = (double) rows * panels.inputs() * panels.outputs();
        double words =
                (double) rows * (panels.inputs() + panels.outputs()) + (double) panels.inputs() * panels.outputs();
        new OpenClLaunch(context, tiles.file(), "linear", cut.options())
                .with(x)
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
                .with(cut.rows())
                .with(out)
                .does(2 * products, words * Float.BYTES)
                .overGroups(cut.across(panels.outputs()), cut.down(rows), cut.itemsX(), cut.itemsY());
    }
}
