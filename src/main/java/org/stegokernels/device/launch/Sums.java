package org.stegokernels.device.launch;

import org.stegokernels.device.launch.Launcher.Memory;

/** Launches of {@code sum}: the sums that losses and gradients end in. */
final class Sums {
    private static final String FAMILY = "sum";

    private final Launcher launcher;

    Sums(Launcher launcher) {
        this.launcher = launcher;
    }

    /** Computes {@code out[0] = factor * sum of the values}. */
    void sum(Memory values, int count, double factor, Memory out) {
        launcher.launch(FAMILY, "sum_values")
                .with(values)
                .with(count)
                .with((float) factor)
                .with(out)
                .inOneGroup();
    }

    /** Sums of the columns of each chunk of rows: {@code partials [chunks, columns]}. */
    void sumColumns(Memory x, int rows, int columns, int chunk, int chunks, Memory partials) {
        launcher.launch(FAMILY, "sum_columns")
                .with(x)
                .with(rows)
                .with(columns)
                .with(chunk)
                .with(partials)
                .does(0, (double) rows * columns * Float.BYTES)
                .overVectors(columns, chunks);
    }

    /** Computes {@code out = sum over the chunks}, on top of what is there if it is {@code kept}. */
    void addChunks(Memory partials, int chunks, int size, boolean kept, Memory out) {
        launcher.launch(FAMILY, "add_chunks")
                .with(partials)
                .with(chunks)
                .with(size)
                .with(kept ? 1 : 0)
                .with(out)
                .does(0, (chunks + 1.0) * size * Float.BYTES)
                .overVectors(size, 1);
    }
}
