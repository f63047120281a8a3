package org.stegokernels.device.tornado;

import org.stegokernels.device.launch.OwnOperations;
import org.stegokernels.tensor.Tensor;

/** Launches of the kernel of this name. */
final class TopK implements OwnOperations.TopK {
    private static final int TILE = org.stegokernels.tornado.Linear.TILE;

    private final TornadoContext context;

    TopK(TornadoContext context) {
        this.context = context;
    }

    @Override
    public void run(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
        int rows = queries.shape().dim(0);
        int depth = queries.shape().dim(1);
        int count = keys.shape().dim(0);
        context.call(Kernel.TOP_K)
                .with(queries)
                .with(keys)
                .with(rows)
                .with(depth)
                .with(count)
                .with(similarities.shape().dim(1))
                .with(similarities)
                .with(indices)
                .does(2.0 * rows * count * depth, ((double) rows + count) * depth * Float.BYTES)
                .overGroups(1, (rows + TILE - 1) / TILE);
    }
}
