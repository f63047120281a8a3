package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.device.Activation;
import org.stegokernels.device.KernelTime;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code linear.cl}, and of {@code patch_embed.cl} around it. */
final class Linear {
    private final OpenClContext context;
    private final RowKernels rowKernels;
    private final Tuning tuning;
    private final LinearTiles tiles;
    private final Workspace patchRows;

    /** @param half whether weights are kept in 16 bits */
    Linear(OpenClContext context, RowKernels rowKernels, boolean half) {
        this.context = context;
        this.rowKernels = rowKernels;
        this.tuning = context.tuning();
        this.tiles = tuning.linear(half);
        this.patchRows = new Workspace(context, "the pixels of patches");
    }

    void run(Tensor x, Panels weights, Activation activation, Tensor residual, Tensor out) {
        int rows = x.shape().rows();
        cl_mem added = residual == null ? null : OpenClBuffer.memory(residual);
        multiply(
                OpenClBuffer.memory(x),
                weights,
                activation,
                added,
                rows,
                new RowMap(rows, 0),
                OpenClBuffer.memory(out));
    }

    /** {@code out = x W^T + b} on memory. */
    void run(cl_mem x, Panels weights, int rows, cl_mem out) {
        multiply(x, weights, Activation.NONE, null, rows, new RowMap(rows, 0), out);
    }

    /** Where rows of the product go: see {@code linear.cl}. */
    private record RowMap(int period, int skip) {}

    private void multiply(
            cl_mem x, Panels weights, Activation activation, cl_mem residual, int rows, RowMap map, cl_mem out) {
        if (rows == 0) {
            return;
        }
        int panels = tiles.panels(weights.outputs());
        int rowsPerItem = tiles.rows() > 0
                ? tiles.rows()
                : tuning.rowsPerItem(
                        rows, weights.inputs(), panels, context.limits().computeUnits());
        double products = (double) rows * weights.inputs() * weights.outputs();
        double words =
                (double) rows * (weights.inputs() + weights.outputs()) + (double) weights.inputs() * weights.outputs();
        KernelCall call = new KernelCall(context, tiles.file(), "linear", tiles.options())
                .with(x)
                .with(weights.memory())
                .with(weights.bias())
                .with(residual == null ? out : residual)
                .with(residual == null ? 0 : 1)
                .with(activation.ordinal())
                .with(rows)
                .with(weights.inputs())
                .with(weights.outputs())
                .with(map.period())
                .with(map.skip())
                .with(rowsPerItem)
                .with(out)
                .does(2 * products, words * Float.BYTES);
        int blocks = (rows + rowsPerItem - 1) / rowsPerItem;
        call.runGroups(panels, blocks, tiles.groupX(), tiles.groupY());
    }

    void patchEmbed(Tensor image, Panels projection, int patch, Tensor prefix, Tensor positions, Tensor out) {
        int batch = image.shape().dim(0);
        int patches = positions.shape().dim(0);
        int prefixes = prefix.shape().dim(0);
        int rows = batch * patches;
        cl_mem pixels = patchRows.floats((long) rows * projection.inputs());
        rowKernels
                .call("patch_embed", "gather_patches")
                .with(image)
                .with(rows)
                .with(image.shape().dim(1))
                .with(image.shape().dim(2))
                .with(image.shape().dim(3))
                .with(patch)
                .with(pixels)
                .does(0, 2 * KernelTime.bytes(image))
                .runGroups(rowKernels.groups(rows), rowKernels.lanes());
        rowKernels
                .call("patch_embed", "copy_prefix")
                .with(prefix)
                .with(prefix.shape().size())
                .with(out.shape().dim(1) * out.shape().dim(2))
                .with(out)
                .run(prefix.shape().size(), batch);
        RowMap map = new RowMap(Math.max(1, patches), prefixes);
        multiply(
                pixels,
                projection,
                Activation.NONE,
                OpenClBuffer.memory(positions),
                rows,
                map,
                OpenClBuffer.memory(out));
    }
}
