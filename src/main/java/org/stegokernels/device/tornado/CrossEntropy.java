package org.stegokernels.device.tornado;

import org.stegokernels.device.KernelTime;
import org.stegokernels.tensor.Tensor;

/** Launches of the kernels of this name. */
final class CrossEntropy {
    private static final int CORNERS = 4;
    /** Numbers kept of each label. */
    private static final int KEPT = 4;

    private final TornadoContext context;
    private final Sums sums;
    private final Workspace kept;
    private final Workspace losses;
    private final Workspace counts;
    private final Workspace gradients;
    private final Workspace total;
    private final Workspace valid;

    CrossEntropy(TornadoContext context, Sums sums) {
        this.context = context;
        this.sums = sums;
        this.kept = Workspace.floats(context, "what is kept of labels");
        this.losses = Workspace.floats(context, "losses of cells");
        this.counts = Workspace.floats(context, "labels of cells");
        this.gradients = Workspace.floats(context, "gradients of cells");
        this.total = Workspace.floats(context, "a sum");
        this.valid = Workspace.floats(context, "a count");
    }

    void run(Tensor logits, Tensor labels, float weight, Tensor gradLogits, Tensor loss) {
        int cells = logits.shape().rows();
        int height = logits.shape().dim(1);
        int width = logits.shape().dim(2);
        int classes = logits.shape().dim(3);
        int size = labels.shape().size();
        int pixels = kept.take((long) KEPT * size);
        int cellLosses = losses.take(cells);
        int cellCounts = counts.take(cells);
        int cellGradients = gradients.take((long) CORNERS * cells * classes);
        double logitsRead = (double) size * classes;
        cell(Kernel.CROSS_ENTROPY_PIXELS, TornadoBuffer.start(labels), logits, labels)
                .with(size)
                .with(pixels)
                .with(cellLosses)
                .with(cellCounts)
                .does(30 * logitsRead, KernelTime.bytes(logits, labels) + (double) KEPT * size * Float.BYTES)
                .rows(cells);
        cell(Kernel.CROSS_ENTROPY_CELLS, pixels, logits, labels)
                .with(size)
                .with(cellGradients)
                .does(25 * logitsRead, KernelTime.bytes(logits) + (double) KEPT * size * Float.BYTES)
                .rows(cells);
        int sum = total.take(1);
        int count = valid.take(1);
        sums.sum(cellLosses, cells, 1, sum);
        sums.sum(cellCounts, cells, 1, count);
        context.call(Kernel.CROSS_ENTROPY_GATHER)
                .with(cellGradients)
                .with(count)
                .with(cells)
                .with(height)
                .with(width)
                .with(classes)
                .with(weight)
                .with(gradLogits)
                .rows(cells);
        context.call(Kernel.CROSS_ENTROPY_LOSS).with(sum).with(count).with(loss).groups(1, 1);
    }

    private KernelCall cell(Kernel kernel, int second, Tensor logits, Tensor labels) {
        return context.call(kernel)
                .with(logits)
                .with(second)
                .with(logits.shape().rows())
                .with(logits.shape().dim(1))
                .with(logits.shape().dim(2))
                .with(logits.shape().dim(3))
                .with(labels.shape().dim(1))
                .with(labels.shape().dim(2));
    }
}
