package org.stegokernels.device.tornado;

import org.stegokernels.device.Activation;
import org.stegokernels.tensor.Tensor;

/**
 * Linear layer with weights that change at each step, and its backward. The gradient of the weights sums over all rows:
 * they are cut into chunks, a number that depends on shapes alone, whose sums are added in order.
 */
final class TrainedLinear {
    private static final int LEAST_CHUNK = 256;
    private static final int CHUNKS = 16;

    private final Linear linear;
    private final Product product;
    private final Sums sums;
    private final Workspace partials;

    TrainedLinear(TornadoContext context, Linear linear, Product product, Sums sums) {
        this.linear = linear;
        this.product = product;
        this.sums = sums;
        this.partials = Workspace.floats(context, "partial gradients of weights");
    }

    void forward(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor residual, Tensor out) {
        Linear.Weights weights = Linear.Weights.of(
                TornadoBuffer.start(weight),
                bias == null ? Linear.NONE : TornadoBuffer.start(bias),
                weight.shape().dim(1),
                weight.shape().dim(0));
        linear.run(x, weights, activation, residual, out);
    }

    void gradient(Tensor x, Tensor weight, Tensor gradOut, Tensor gradX, Tensor gradWeight, Tensor gradBias) {
        int outputs = weight.shape().dim(0);
        int inputs = weight.shape().dim(1);
        if (gradX != null) {
            Linear.Weights transposed = Linear.Weights.transposed(TornadoBuffer.start(weight), outputs, inputs);
            linear.run(gradOut, transposed, Activation.NONE, null, gradX);
        }
        int count = gradOut.shape().rows();
        int chunk = Math.max(LEAST_CHUNK, (count + CHUNKS - 1) / CHUNKS);
        int chunks = (count + chunk - 1) / chunk;
        int g = TornadoBuffer.start(gradOut);
        if (gradWeight != null) {
            int size = gradWeight.shape().size();
            int some = partials.take((long) chunks * size);
            product.run(
                    new Product.Sizes(chunks, outputs, inputs, chunk, count),
                    new Product.Left(g, chunk * outputs, 1, outputs),
                    new Product.Right(TornadoBuffer.start(x), chunk * inputs, inputs, 1),
                    1,
                    new Product.Out(some, size, false));
            sums.addChunks(some, chunks, size, false, TornadoBuffer.start(gradWeight));
        }
        if (gradBias != null) {
            int some = partials.take((long) chunks * outputs);
            sums.sumColumns(g, count, outputs, chunk, chunks, some);
            sums.addChunks(some, chunks, outputs, false, TornadoBuffer.start(gradBias));
        }
    }
}
