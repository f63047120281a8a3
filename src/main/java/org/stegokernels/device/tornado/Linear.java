package org.stegokernels.device.tornado;

import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.OwnOperations;
import org.stegokernels.device.launch.OwnOperations.RowMap;
import org.stegokernels.device.launch.OwnOperations.Weights;

/** Launches of the kernel of this name. */
final class Linear implements OwnOperations.Linear {
    private static final int TILE = org.stegokernels.tornado.Linear.TILE;

    private final TornadoContext context;

    Linear(TornadoContext context) {
        this.context = context;
    }

    @Override
    public LinearWeights pack(Weights weights, String what) {
        return PackedLinear.copyOf(context, weights, what);
    }

    @Override
    public LinearWeights view(Weights weights) {
        return new PackedLinear(context, weights);
    }

    @Override
    public void run(
            Memory x,
            int rows,
            LinearWeights linearWeights,
            Activation activation,
            Memory residual,
            RowMap map,
            Memory out) {
        Weights weights = ((PackedLinear) linearWeights).weights();
        double products = (double) rows * weights.inputs() * weights.outputs();
        double outputs = (double) rows * weights.outputs() * (residual == null ? 1 : 2);
        double words = (double) rows * weights.inputs() + outputs + (double) weights.inputs() * weights.outputs();
        context.call(Kernel.LINEAR)
                .with(x)
                .with(weights.memory())
                .with(weights.outputStride())
                .with(weights.inputStride())
                .with(weights.bias() == null ? weights.memory() : weights.bias())
                .with(weights.bias() == null ? 0 : 1)
                .with(residual == null ? out : residual)
                .with(residual == null ? 0 : 1)
                .with(activation.code())
                .with(rows)
                .with(weights.inputs())
                .with(weights.outputs())
                .with(map.period())
                .with(map.skip())
                .with(out)
                .does(2 * products, words * Float.BYTES)
                .overGroups((weights.outputs() + TILE - 1) / TILE, (rows + TILE - 1) / TILE);
    }
}
