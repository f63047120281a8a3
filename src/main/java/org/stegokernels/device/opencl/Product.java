package org.stegokernels.device.opencl;

import org.jocl.cl_mem;

/** Launches of {@code product.cl}: several products of matrices at once. */
final class Product {
    private final OpenClContext context;
    private final Tuning tuning;
    private final String options;
    private final Workspace panels;

    Product(OpenClContext context, Tuning tuning) {
        this.context = context;
        this.tuning = tuning;
        this.options = tuning.tileOptions();
        this.panels = new Workspace(context, "an operand in panels");
    }

    /**
     * Sizes of products.
     *
     * @param depth steps of each, but of the last one what is left of {@code total}
     */
    record Sizes(int batch, int rows, int columns, int depth, long total) {
        static Sizes of(int batch, int rows, int columns, int depth) {
            return new Sizes(batch, rows, columns, depth, (long) batch * depth);
        }

        double flop() {
            return 2.0 * rows * columns * total;
        }
    }

    /** Where the left operand lies: its strides from product to product, row to row, and step to step of the depth. */
    record Left(cl_mem memory, int batch, int row, int depth) {}

    /** Where the right operand lies: its first element, and the strides from product to product, step to step and column to column. */
    record Right(cl_mem memory, int first, int batch, int depth, int column) {}

    /** Where results go, row by row without gaps: the first element, and the stride from product to product. */
    record Out(cl_mem memory, int first, int batch, boolean accumulate) {}

    /** {@code out = factor * left * right}, on top of what is there if it accumulates. */
    void run(Sizes sizes, Left left, Right right, double factor, Out out) {
        pack(sizes, right);
        multiply(sizes, left, factor, out);
    }

    /** Lays a right operand out, for {@link #multiply}. The memory is the next operand's too. */
    cl_mem pack(Sizes sizes, Right right) {
        int columns = tuning.panels(sizes.columns) * tuning.columns();
        cl_mem memory = panels.floats((long) sizes.batch * columns * sizes.depth);
        new KernelCall(context, "product", "pack_panels", options)
                .with(right.memory)
                .with(right.first)
                .with(right.batch)
                .with(right.depth)
                .with(right.column)
                .with(sizes.columns)
                .with(sizes.depth)
                .with(Math.toIntExact(sizes.total))
                .with(memory)
                .does(0, 2.0 * sizes.total * sizes.columns * Float.BYTES)
                .run(tuning.tiled() ? columns : columns / tuning.columns(), sizes.batch);
        return memory;
    }

    /** The product with what was packed last. */
    void multiply(Sizes sizes, Left left, double factor, Out out) {
        int count = tuning.panels(sizes.columns);
        int rowsPerItem = tuning.rowsPerItem(
                sizes.rows, sizes.depth, count * sizes.batch, context.limits().computeUnits());
        int blocks = (sizes.rows + rowsPerItem - 1) / rowsPerItem;
        new KernelCall(context, "product", "product", options)
                .with(left.memory)
                .with(left.batch)
                .with(left.row)
                .with(left.depth)
                .with(panels.memory())
                .with(sizes.rows)
                .with(sizes.columns)
                .with(sizes.depth)
                .with(Math.toIntExact(sizes.total))
                .with(rowsPerItem)
                .with((float) factor)
                .with(out.accumulate ? 1 : 0)
                .with(out.first)
                .with(out.batch)
                .with(out.memory)
                .does(
                        sizes.flop(),
                        ((double) sizes.total * (sizes.rows + sizes.columns)
                                        + (double) sizes.batch * sizes.rows * sizes.columns)
                                * Float.BYTES)
                .runGroups((long) count * blocks, sizes.batch, tuning.group(), tuning.group());
    }
}
