package org.stegokernels.device.tornado;

import org.stegokernels.device.Activation;
import org.stegokernels.device.KernelTime;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code Linear} among the kernels, and of {@code PatchEmbed} around it. */
final class Linear {
    /** Where a bias or residual starts that isn't there. */
    static final int NONE = -1;

    private static final int TILE = org.stegokernels.tornado.Linear.TILE;

    private final TornadoContext context;
    private final Workspace patchRows;

    Linear(TornadoContext context) {
        this.context = context;
        this.patchRows = Workspace.floats(context, "the pixels of patches");
    }

    /**
     * Where weights lie: that of output n and input k at {@code start + n outputStride + k inputStride}.
     *
     * @param bias where the bias starts, or {@link #NONE}
     */
    record Weights(int start, int outputStride, int inputStride, int bias, int inputs, int outputs) {
        /** {@code [outputs, inputs]}, as PyTorch stores them. */
        static Weights of(int start, int bias, int inputs, int outputs) {
            return new Weights(start, inputs, 1, bias, inputs, outputs);
        }

        /** {@code [inputs, outputs]}. */
        static Weights transposed(int start, int inputs, int outputs) {
            return new Weights(start, 1, outputs, NONE, inputs, outputs);
        }
    }

    /** Where rows of the product go: see the kernel. */
    private record RowMap(int period, int skip) {}

    void run(Tensor x, Weights weights, Activation activation, Tensor residual, Tensor out) {
        int rows = x.shape().rows();
        int added = residual == null ? NONE : TornadoBuffer.start(residual);
        multiply(
                TornadoBuffer.start(x),
                weights,
                activation,
                added,
                rows,
                new RowMap(rows, 0),
                TornadoBuffer.start(out));
    }

    /** {@code out = x W^T + b} on memory. */
    void run(int x, Weights weights, int rows, int out) {
        multiply(x, weights, Activation.NONE, NONE, rows, new RowMap(rows, 0), out);
    }

    private void multiply(int x, Weights weights, Activation activation, int residual, int rows, RowMap map, int out) {
        double products = (double) rows * weights.inputs() * weights.outputs();
        double words =
                (double) rows * (weights.inputs() + weights.outputs()) + (double) weights.inputs() * weights.outputs();
        context.call(Kernel.LINEAR)
                .with(x)
                .with(weights.start())
                .with(weights.outputStride())
                .with(weights.inputStride())
                .with(weights.bias())
                .with(weights.bias() == NONE ? 0 : 1)
                .with(residual)
                .with(residual == NONE ? 0 : 1)
                .with(activation.ordinal())
                .with(rows)
                .with(weights.inputs())
                .with(weights.outputs())
                .with(map.period())
                .with(map.skip())
                .with(out)
                .does(2 * products, words * Float.BYTES)
                .groups((weights.outputs() + TILE - 1) / TILE, (rows + TILE - 1) / TILE);
    }

    void patchEmbed(Tensor image, Weights projection, int patch, Tensor prefix, Tensor positions, Tensor out) {
        int batch = image.shape().dim(0);
        int patches = positions.shape().dim(0);
        int rows = batch * patches;
        int pixels = patchRows.take((long) rows * projection.inputs());
        context.call(Kernel.GATHER_PATCHES)
                .with(image)
                .with(rows)
                .with(image.shape().dim(1))
                .with(image.shape().dim(2))
                .with(image.shape().dim(3))
                .with(patch)
                .with(pixels)
                .does(0, 2 * KernelTime.bytes(image))
                .rows(rows);
        int size = prefix.shape().size();
        context.call(Kernel.COPY_PREFIX)
                .with(prefix)
                .with(size)
                .with(out.shape().dim(1) * out.shape().dim(2))
                .with(out)
                .items(size, batch);
        RowMap map = new RowMap(Math.max(1, patches), prefix.shape().dim(0));
        multiply(
                pixels,
                projection,
                Activation.NONE,
                TornadoBuffer.start(positions),
                rows,
                map,
                TornadoBuffer.start(out));
    }
}
