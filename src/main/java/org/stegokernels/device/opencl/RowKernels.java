package org.stegokernels.device.opencl;

import org.jocl.cl_mem;

/** The launch geometry that all row kernels share, and the sums that losses end in; see {@code common.cl}. */
final class RowKernels {
    /** Elements in a row of an array without rows of its own. */
    private static final int WIDTH = 256;

    private final OpenClContext context;
    private final Tuning tuning;
    private final String options;

    RowKernels(OpenClContext context) {
        this.context = context;
        this.tuning = context.tuning();
        this.options = tuning.rowOptions();
    }

    KernelCall call(String file, String kernel) {
        return new KernelCall(context, file, kernel, options);
    }

    /** Work groups for so many rows. */
    int groups(int rows) {
        return (rows + tuning.block() - 1) / tuning.block();
    }

    /** Goes through {@code rows} rows. */
    void run(KernelCall call, int rows) {
        call.runGroups(groups(rows), tuning.lanes());
    }

    /** Adds rows, their width and the size to the arguments of an element kernel. */
    KernelCall elements(KernelCall call, int size) {
        return call.with(elementRows(size)).with(WIDTH).with(size);
    }

    /** Goes through {@code size} elements. */
    void runElements(KernelCall call, int size) {
        run(call, elementRows(size));
    }

    private static int elementRows(int size) {
        return (size + WIDTH - 1) / WIDTH;
    }

    /** {@code out[0] = factor * sum of the values}. */
    void sum(cl_mem values, int count, double factor, cl_mem out) {
        call("sum", "sum_values")
                .with(values)
                .with(count)
                .with((float) factor)
                .with(out)
                .runGroups(1, tuning.lanes());
    }

    /** Sums of the columns of each chunk of rows: {@code partials [chunks, columns]}. */
    void sumColumns(cl_mem x, int rows, int columns, int chunk, int chunks, cl_mem partials) {
        call("sum", "sum_columns")
                .with(x)
                .with(rows)
                .with(columns)
                .with(chunk)
                .with(partials)
                .does(0, (double) rows * columns * Float.BYTES)
                .run(vectors(columns), chunks);
    }

    /** {@code out = sum over the chunks}, on top of what is there if it is {@code kept}. */
    void addChunks(cl_mem partials, int chunks, int size, boolean kept, cl_mem out) {
        call("sum", "add_chunks")
                .with(partials)
                .with(chunks)
                .with(size)
                .with(kept ? 1 : 0)
                .with(out)
                .does(0, (chunks + 1.0) * size * Float.BYTES)
                .run(vectors(size));
    }

    /** Vectors that so many channels fill. */
    int vectors(int channels) {
        return (channels + tuning.v() - 1) / tuning.v();
    }

    int lanes() {
        return tuning.lanes();
    }

    /** Channels rounded up to whole vectors. */
    int padded(int channels) {
        return vectors(channels) * tuning.v();
    }
}
