package org.stegokernels.device.tornado;

import org.stegokernels.device.launch.OwnOperations;

/** Launches of the kernel of this name: several products of matrices at once. */
final class Product implements OwnOperations.Product {
    private static final int TILE = org.stegokernels.tornado.Linear.TILE;

    private final TornadoContext context;
    private Right packed;

    Product(TornadoContext context) {
        this.context = context;
    }

    /** Remembers the operand: the kernel reads tiles of it as it lies. */
    @Override
    public void pack(Sizes sizes, Right right) {
        packed = right;
    }

    @Override
    public void multiply(Sizes sizes, Left left, double factor, Out out) {
        long across = (sizes.columns() + TILE - 1) / TILE;
        long down = (sizes.rows() + TILE - 1) / TILE;
        context.call(Kernel.PRODUCT)
                .with(left.memory())
                .with(left.batch())
                .with(left.row())
                .with(left.depth())
                .with(packed.memory())
                .with(packed.first())
                .with(packed.batch())
                .with(packed.depth())
                .with(packed.column())
                .with(sizes.rows())
                .with(sizes.columns())
                .with(sizes.depth())
                .with(sizes.total())
                .with((float) factor)
                .with(out.accumulate() ? 1 : 0)
                .with(out.first())
                .with(out.batch())
                .with(out.memory())
                .does(sizes.flop(), sizes.bytes())
                .overGroups(across * down, sizes.batch());
    }
}
