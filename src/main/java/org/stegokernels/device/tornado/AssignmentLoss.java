package org.stegokernels.device.tornado;

import org.stegokernels.tensor.Tensor;

/** Launches of the kernels of this name, behind {@code Argmax} or {@code Softmax}. */
final class AssignmentLoss {
    private final TornadoContext context;
    private final Sums sums;
    private final Workspace best;
    private final Workspace products;

    AssignmentLoss(TornadoContext context, Sums sums) {
        this.context = context;
        this.sums = sums;
        this.best = Workspace.ints(context, "the largest cosines");
        this.products = Workspace.floats(context, "losses of rows");
    }

    void run(Tensor cosines, float alpha, float weight, Tensor gradCosines, Tensor loss) {
        int count = cosines.shape().rows();
        int clusters = cosines.shape().dim(-1);
        int rowProducts = products.take(count);
        if (alpha == 0) {
            int winners = best.take(count);
            context.call(Kernel.ARGMAX)
                    .with(cosines)
                    .with(count)
                    .with(clusters)
                    .with(winners)
                    .rows(count);
            context.call(Kernel.HARD_ASSIGNMENT)
                    .with(cosines)
                    .with(winners)
                    .with(count)
                    .with(clusters)
                    .with(-weight / count)
                    .with(gradCosines)
                    .with(rowProducts)
                    .rows(count);
        } else {
            context.call(Kernel.SOFTMAX)
                    .with(cosines)
                    .with(count)
                    .with(clusters)
                    .with(alpha)
                    .with(gradCosines)
                    .rows(count);
            context.call(Kernel.SOFT_ASSIGNMENT)
                    .with(cosines)
                    .with(count)
                    .with(clusters)
                    .with(alpha)
                    .with(-weight / count)
                    .with(gradCosines)
                    .with(rowProducts)
                    .rows(count);
        }
        sums.sum(rowProducts, count, -1.0 / count, TornadoBuffer.start(loss));
    }
}
