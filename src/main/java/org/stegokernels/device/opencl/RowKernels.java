package org.stegokernels.device.opencl;

/** The launch geometry that all row kernels share; see {@code common.cl}. */
final class RowKernels {
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

    int lanes() {
        return tuning.lanes();
    }

    /** Channels rounded up to whole vectors. */
    int padded(int channels) {
        return (channels + tuning.v() - 1) / tuning.v() * tuning.v();
    }
}
