package org.stegokernels.device.launch;

import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations.Linear;
import org.stegokernels.device.launch.OwnOperations.Product;
import org.stegokernels.device.launch.OwnOperations.RowMap;
import org.stegokernels.device.launch.OwnOperations.Weights;
import org.stegokernels.tensor.Tensor;

/**
 * Linear layer with weights that change at each step, and its backward. The gradient of the weights sums over all rows: they
 * are cut into chunks, a number that depends on shapes alone, whose sums are added in order.
 */
final class TrainedLinear {
    private static final int LEAST_CHUNK = 256;
    private static final int CHUNKS = 16;

    private final Launcher launcher;
    private final Sums sums;
    private final Linear linear;
    private final Product product;
    private final Workspace partials;

    TrainedLinear(Launcher launcher, Sums sums, Linear linear, Product product) {
        this.launcher = launcher;
        this.sums = sums;
        this.linear = linear;
        this.product = product;
        this.partials = Workspace.floats(launcher, "partial gradients of weights");
    }

    void forward(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor residual, Tensor out) {
        run(x, Weights.of(launcher, weight, bias), activation, residual, out);
    }

    private void run(Tensor x, Weights source, Activation activation, Tensor residual, Tensor out) {
        int rows = x.shape().rows();
        LinearWeights weights = linear.view(source);
        Memory added = residual == null ? null : launcher.memory(residual);
        linear.run(launcher.memory(x), rows, weights, activation, added, RowMap.same(rows), launcher.memory(out));
    }

    void gradient(Tensor x, Tensor weight, Tensor gradOut, Tensor gradX, Tensor gradWeight, Tensor gradBias) {
        int outputs = weight.shape().dim(0);
        int inputs = weight.shape().dim(1);
        if (gradX != null) {
            Weights transposed = Weights.transposed(launcher.memory(weight), outputs, inputs);
            run(gradOut, transposed, Activation.NONE, null, gradX);
        }
        int count = gradOut.shape().rows();
        int chunk = Math.max(LEAST_CHUNK, (count + CHUNKS - 1) / CHUNKS);
        int chunks = (count + chunk - 1) / chunk;
        Memory g = launcher.memory(gradOut);
        if (gradWeight != null) {
            int size = gradWeight.shape().size();
            Memory some = partials.take((long) chunks * size);
            product.run(
                    new Product.Sizes(chunks, outputs, inputs, chunk, count),
                    new Product.Left(g, chunk * outputs, 1, outputs),
                    new Product.Right(launcher.memory(x), 0, chunk * inputs, inputs, 1),
                    1,
                    new Product.Out(some, 0, size, false));
            sums.addChunks(some, chunks, size, false, launcher.memory(gradWeight));
        }
        if (gradBias != null) {
            Memory some = partials.take((long) chunks * outputs);
            sums.sumColumns(g, count, outputs, chunk, chunks, some);
            sums.addChunks(some, chunks, outputs, false, launcher.memory(gradBias));
        }
    }
}
