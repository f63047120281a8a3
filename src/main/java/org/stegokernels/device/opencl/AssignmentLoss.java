package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code assignment_loss.cl}, behind {@code argmax.cl} or {@code softmax.cl}. */
final class AssignmentLoss {
    private final RowKernels rows;
    private final Workspace best;
    private final Workspace products;

    AssignmentLoss(OpenClContext context, RowKernels rows) {
        this.rows = rows;
        this.best = new Workspace(context, "the largest cosines");
        this.products = new Workspace(context, "losses of rows");
    }

    void run(Tensor cosines, float alpha, float weight, Tensor gradCosines, Tensor loss) {
        int count = cosines.shape().rows();
        int clusters = cosines.shape().dim(-1);
        cl_mem rowProducts = products.floats(count);
        if (alpha == 0) {
            cl_mem winners = best.ints(count);
            rows.run(
                    rows.call("argmax", "argmax")
                            .with(cosines)
                            .with(count)
                            .with(clusters)
                            .with(winners),
                    count);
            rows.run(
                    rows.call("assignment_loss", "hard_assignment")
                            .with(cosines)
                            .with(winners)
                            .with(count)
                            .with(clusters)
                            .with(-weight / count)
                            .with(gradCosines)
                            .with(rowProducts),
                    count);
        } else {
            rows.run(
                    rows.call("softmax", "softmax")
                            .with(cosines)
                            .with(count)
                            .with(clusters)
                            .with(alpha)
                            .with(gradCosines),
                    count);
            rows.run(
                    rows.call("assignment_loss", "soft_assignment")
                            .with(cosines)
                            .with(count)
                            .with(clusters)
                            .with(alpha)
                            .with(-weight / count)
                            .with(gradCosines)
                            .with(rowProducts),
                    count);
        }
        rows.sum(rowProducts, count, -1.0 / count, OpenClBuffer.memory(loss));
    }
}
