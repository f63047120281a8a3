package org.stegokernels.device.tornado;

/** Launches of the kernel of this name: several products of matrices at once. */
final class Product {
    private static final int TILE = org.stegokernels.tornado.Linear.TILE;

    private final TornadoContext context;

    Product(TornadoContext context) {
        this.context = context;
    }

    /**
     * Sizes of products.
     *
     * @param depth steps of each, but of the last one what is left of {@code total}
     */
    record Sizes(int batch, int rows, int columns, int depth, int total) {
        static Sizes of(int batch, int rows, int columns, int depth) {
            return new Sizes(batch, rows, columns, depth, Math.multiplyExact(batch, depth));
        }
    }

    /** Where the left operand lies: its strides from product to product, row to row, and step to step of the depth. */
    record Left(int start, int batch, int row, int depth) {}

    /** Where the right operand lies: its strides from product to product, step to step and column to column. */
    record Right(int start, int batch, int depth, int column) {}

    /** Where results go, row by row without gaps, and the stride from product to product. */
    record Out(int start, int batch, boolean accumulate) {}

    /** {@code out = factor * left * right}, on top of what is there if it accumulates. */
    void run(Sizes sizes, Left left, Right right, double factor, Out out) {
        long across = (sizes.columns + TILE - 1) / TILE;
        long down = (sizes.rows + TILE - 1) / TILE;
        double words =
                (double) sizes.total * (sizes.rows + sizes.columns) + (double) sizes.batch * sizes.rows * sizes.columns;
        context.call(Kernel.PRODUCT)
                .with(left.start)
                .with(left.batch)
                .with(left.row)
                .with(left.depth)
                .with(right.start)
                .with(right.batch)
                .with(right.depth)
                .with(right.column)
                .with(sizes.rows)
                .with(sizes.columns)
                .with(sizes.depth)
                .with(sizes.total)
                .with(out.accumulate ? 1 : 0)
                .with(out.start)
                .with(out.batch)
                .with((float) factor)
                .does(2.0 * sizes.rows * sizes.columns * sizes.total, words * Float.BYTES)
                .groups(across * down, sizes.batch);
    }
}
