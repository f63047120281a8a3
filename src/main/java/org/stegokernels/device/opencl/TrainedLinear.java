package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.device.Activation;
import org.stegokernels.tensor.Tensor;

/**
 * Linear layer with weights that change at each step, and its backward, always in 32 bits: {@code linear.cl} with
 * weights packed anew each time, and {@code product.cl} for the gradient of the weights. That sums over all rows: they
 * are cut into chunks, a number that depends on shapes alone, whose sums are added in order.
 */
final class TrainedLinear {
    private static final int LEAST_CHUNK = 256;
    private static final int CHUNKS = 16;

    private final OpenClContext context;
    private final RowKernels rows;
    private final Linear linear;
    private final Product product;
    private final Workspace panels;
    private final Workspace offsets;
    private final Workspace partials;

    TrainedLinear(OpenClContext context, RowKernels rows, Product product) {
        this.context = context;
        this.rows = rows;
        this.linear = new Linear(context, rows, false);
        this.product = product;
        this.panels = new Workspace(context, "the weights of a layer that is trained");
        this.offsets = new Workspace(context, "a bias");
        this.partials = new Workspace(context, "partial gradients of weights");
    }

    void forward(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor residual, Tensor out) {
        cl_mem added = bias == null ? null : OpenClBuffer.memory(bias);
        Panels packed = pack(Panels.Source.of(
                OpenClBuffer.memory(weight),
                added,
                weight.shape().dim(1),
                weight.shape().dim(0)));
        linear.run(x, packed, activation, residual, out);
    }

    /** {@code out = x W^T + b} for weights of any strides, on memory. */
    void forward(cl_mem x, Panels.Source weights, int count, cl_mem out) {
        linear.run(x, pack(weights), count, out);
    }

    private Panels pack(Panels.Source source) {
        return Panels.pack(context, source, false, panels, offsets);
    }

    void gradient(Tensor x, Tensor weight, Tensor gradOut, Tensor gradX, Tensor gradWeight, Tensor gradBias) {
        int outputs = weight.shape().dim(0);
        int inputs = weight.shape().dim(1);
        if (gradX != null) {
            Panels.Source transposed = new Panels.Source(OpenClBuffer.memory(weight), 1, inputs, null, outputs, inputs);
            linear.run(gradOut, pack(transposed), Activation.NONE, null, gradX);
        }
        int count = gradOut.shape().rows();
        int chunk = Math.max(LEAST_CHUNK, (count + CHUNKS - 1) / CHUNKS);
        int chunks = (count + chunk - 1) / chunk;
        cl_mem g = OpenClBuffer.memory(gradOut);
        if (gradWeight != null) {
            int size = gradWeight.shape().size();
            cl_mem sums = partials.floats((long) chunks * size);
            product.run(
                    new Product.Sizes(chunks, outputs, inputs, chunk, count),
                    new Product.Left(g, chunk * outputs, 1, outputs),
                    new Product.Right(OpenClBuffer.memory(x), 0, chunk * inputs, inputs, 1),
                    1,
                    new Product.Out(sums, 0, size, false));
            rows.addChunks(sums, chunks, size, false, OpenClBuffer.memory(gradWeight));
        }
        if (gradBias != null) {
            cl_mem sums = partials.floats((long) chunks * outputs);
            rows.sumColumns(g, count, outputs, chunk, chunks, sums);
            rows.addChunks(sums, chunks, outputs, false, OpenClBuffer.memory(gradBias));
        }
    }
}
