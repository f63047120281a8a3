package org.stegokernels.device.opencl;

import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations;

/** Launches of {@code product.cl}: several products of matrices at once. */
final class Product implements OwnOperations.Product {
    private final OpenClContext context;
    private final Tuning tuning;
    private final String options;
    private final Workspace panels;

    Product(OpenClContext context, Tuning tuning) {
        this.context = context;
        this.tuning = tuning;
        this.options = tuning.tileOptions();
        this.panels = Workspace.floats(context, "an operand in panels");
    }

    @Override
    public void pack(Sizes sizes, Right right) {
        int columns = tuning.panels(sizes.columns()) * tuning.columns();
        new OpenClLaunch(context, "product", "pack_panels", options)
                .with(right.memory())
                .with(right.first())
                .with(right.batch())
                .with(right.depth())
                .with(right.column())
                .with(sizes.columns())
                .with(sizes.depth())
                .with(sizes.total())
                .with(panels.take((long) sizes.batch() * columns * sizes.depth()))
                .does(0, 2.0 * sizes.total() * sizes.columns() * Float.BYTES)
                .overItems(tuning.tiled() ? columns : columns / tuning.columns(), sizes.batch());
    }

    /** Returns the operand that was packed last, in panels. */
    Memory panels() {
        return panels.memory();
    }

    @Override
    public void multiply(Sizes sizes, Left left, double factor, Out out) {
        Cut cut = tuning.cut(
                sizes.rows(),
                sizes.depth(),
                sizes.columns(),
                sizes.batch(),
                context.limits().computeUnits());
        long groups = (long) cut.across(sizes.columns()) * cut.down(sizes.rows());
        new OpenClLaunch(context, "product", "product", cut.options())
                .with(left.memory())
                .with(left.batch())
                .with(left.row())
                .with(left.depth())
                .with(panels.memory())
                .with(sizes.rows())
                .with(sizes.columns())
                .with(sizes.depth())
                .with(sizes.total())
                .with(cut.rows())
                .with((float) factor)
                .with(out.accumulate() ? 1 : 0)
                .with(out.first())
                .with(out.batch())
                .with(out.memory())
                .does(sizes.flop(), sizes.bytes())
                .overGroups(groups, sizes.batch(), cut.itemsX(), cut.itemsY());
    }
}
