package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.device.Activation;
import org.stegokernels.device.Precision;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code linear.cl}, and of {@code patch_embed.cl} around it. */
final class Linear {
    private final OpenClContext context;
    private final RowKernels rowKernels;
    private final Tuning tuning;
    private final String options;
    private final Workspace patchRows;

    Linear(OpenClContext context, RowKernels rowKernels) {
        this.context = context;
        this.rowKernels = rowKernels;
        this.tuning = context.tuning();
        this.options = tuning.linearOptions(context.precision() == Precision.FP16);
        this.patchRows = new Workspace(context, "the pixels of patches");
    }

    void run(Tensor x, PackedLinear weights, Activation activation, Tensor residual, Tensor out) {
        int rows = x.shape().rows();
        multiply(((OpenClBuffer) x.buffer()).memory(), weights, activation, residual, rows, new RowMap(rows, 0), out);
    }

    /** Where rows of the product go: see {@code linear.cl}. */
    private record RowMap(int period, int skip) {}

    private void multiply(
            cl_mem x, PackedLinear weights, Activation activation, Tensor residual, int rows, RowMap map, Tensor out) {
        if (rows == 0) {
            return;
        }
        int panels = (weights.outputs() + tuning.columns() - 1) / tuning.columns();
        int rowsPerItem = rowsPerItem(rows, panels);
        double products = (double) rows * weights.inputs() * weights.outputs();
        double words =
                (double) rows * (weights.inputs() + weights.outputs()) + (double) weights.inputs() * weights.outputs();
        KernelCall call = new KernelCall(context, "linear", "linear", options)
                .with(x)
                .with(weights.panels())
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
        if (tuning.tiled()) {
            int tile = tuning.group() * tuning.itemRows();
            call.runGroups(panels, (rows + tile - 1) / tile, tuning.group());
        } else {
            call.run(panels, (rows + rowsPerItem - 1) / rowsPerItem);
        }
    }

    /** Evenly cut, whole tiles, and where there are few panels enough items for all cores. */
    private int rowsPerItem(int rows, int panels) {
        int tiles = (rows + tuning.tileRows() - 1) / tuning.tileRows();
        int cuts = (rows + tuning.rowsPerItem() - 1) / tuning.rowsPerItem();
        int wanted = 4 * context.limits().computeUnits();
        cuts = Math.min(tiles, Math.max(cuts, (wanted + panels - 1) / panels));
        return (tiles + cuts - 1) / cuts * tuning.tileRows();
    }

    void patchEmbed(Tensor image, PackedLinear projection, int patch, Tensor prefix, Tensor positions, Tensor out) {
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
                .does(0, 2 * OpenClKernels.bytes(image))
                .runGroups(rowKernels.groups(rows), rowKernels.lanes());
        rowKernels
                .call("patch_embed", "copy_prefix")
                .with(prefix)
                .with(prefix.shape().size())
                .with(out.shape().dim(1) * out.shape().dim(2))
                .with(out)
                .run(prefix.shape().size(), batch);
        multiply(pixels, projection, Activation.NONE, positions, rows, new RowMap(Math.max(1, patches), prefixes), out);
    }
}
