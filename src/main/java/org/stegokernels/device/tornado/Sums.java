package org.stegokernels.device.tornado;

/** Launches of {@code Sum}: the sums that losses end in. */
final class Sums {
    private final TornadoContext context;

    Sums(TornadoContext context) {
        this.context = context;
    }

    /** {@code out[0] = factor * sum of the values}. */
    void sum(int values, int count, double factor, int out) {
        context.call(Kernel.SUM_VALUES)
                .with(values)
                .with(count)
                .with((float) factor)
                .with(out)
                .groups(1, 1);
    }

    /** Sums of the columns of each chunk of rows: {@code partials [chunks, columns]}. */
    void sumColumns(int x, int rows, int columns, int chunk, int chunks, int partials) {
        context.call(Kernel.SUM_COLUMNS)
                .with(x)
                .with(rows)
                .with(columns)
                .with(chunk)
                .with(partials)
                .does(0, (double) rows * columns * Float.BYTES)
                .items(columns, chunks);
    }

    /** {@code out = sum over the chunks}, on top of what is there if it is {@code kept}. */
    void addChunks(int partials, int chunks, int size, boolean kept, int out) {
        context.call(Kernel.ADD_CHUNKS)
                .with(partials)
                .with(chunks)
                .with(size)
                .with(kept ? 1 : 0)
                .with(out)
                .does(0, (chunks + 1.0) * size * Float.BYTES)
                .items(size);
    }
}
