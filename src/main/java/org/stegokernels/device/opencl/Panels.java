package org.stegokernels.device.opencl;

import org.jocl.cl_mem;

/**
 * Weights as {@code linear.cl} or {@code linear_matrix.cl} reads them, and how they come to lie so.
 *
 * @param memory panels of COLUMNS output channels
 * @param bias {@code [ceil(outputs / COLUMNS) COLUMNS]}
 */
record Panels(cl_mem memory, cl_mem bias, int inputs, int outputs) {
    /**
     * Weights as they lie before: that of output n and input k at {@code n outputStride + k inputStride}.
     *
     * @param bias null for none
     */
    record Source(cl_mem weight, int outputStride, int inputStride, cl_mem bias, int inputs, int outputs) {
        /** {@code [outputs, inputs]}, as PyTorch stores them. */
        static Source of(cl_mem weight, cl_mem bias, int inputs, int outputs) {
            return new Source(weight, inputs, 1, bias, inputs, outputs);
        }
    }

    /**
     * Packs weights.
     *
     * @param half whether they are kept in 16 bits and multiplied so
     * @param memory grows to what the panels need
     * @param bias grows likewise
     */
    static Panels pack(OpenClContext context, Source source, boolean half, Workspace memory, Workspace bias) {
        LinearTiles tiles = context.tuning().linear(half);
        int padded = tiles.panels(source.outputs) * tiles.columns();
        Panels panels = new Panels(
                memory.words((long) padded * tiles.paddedInputs(source.inputs), tiles.weightBytes()),
                bias.floats(padded),
                source.inputs,
                source.outputs);
        new KernelCall(context, tiles.file(), "pack_linear", tiles.options())
                .with(source.weight)
                .with(source.outputStride)
                .with(source.inputStride)
                .with(source.bias == null ? source.weight : source.bias)
                .with(source.bias == null ? 0 : 1)
                .with(source.inputs)
                .with(source.outputs)
                .with(panels.memory)
                .with(panels.bias)
                .does(0, 2.0 * source.inputs * source.outputs * Float.BYTES)
                .run(padded);
        return panels;
    }
}
