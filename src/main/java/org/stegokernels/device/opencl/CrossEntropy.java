package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.device.KernelTime;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code cross_entropy.cl}. */
final class CrossEntropy {
    /** Words kept for a label. */
    private static final int KEPT = 4;

    private static final int CORNERS = 4;

    private final OpenClContext context;
    private final RowKernels rows;
    private final Workspace kept;
    private final Workspace losses;
    private final Workspace counts;
    private final Workspace gradients;
    private final Workspace total;
    private final Workspace valid;

    CrossEntropy(OpenClContext context, RowKernels rows) {
        this.context = context;
        this.rows = rows;
        this.kept = new Workspace(context, "what is kept of labels");
        this.losses = new Workspace(context, "losses of cells");
        this.counts = new Workspace(context, "labels of cells");
        this.gradients = new Workspace(context, "gradients of cells");
        this.total = new Workspace(context, "a sum");
        this.valid = new Workspace(context, "a count");
    }

    void run(Tensor logits, Tensor labels, float weight, Tensor gradLogits, Tensor loss) {
        int cells = logits.shape().rows();
        int height = logits.shape().dim(1);
        int width = logits.shape().dim(2);
        int classes = logits.shape().dim(3);
        int size = labels.shape().size();
        int stride = size + context.tuning().v();
        cl_mem pixels = kept.floats((long) KEPT * stride);
        cl_mem cellLosses = losses.floats(cells);
        cl_mem cellCounts = counts.floats(cells);
        cl_mem cellGradients = gradients.floats((long) CORNERS * cells * classes);
        double logitsRead = (double) size * classes;
        KernelCall first = cell(
                        "cross_entropy_pixels",
                        OpenClBuffer.memory(logits),
                        OpenClBuffer.memory(labels),
                        logits,
                        labels)
                .with(stride)
                .with(pixels)
                .with(cellLosses)
                .with(cellCounts)
                .does(30 * logitsRead, KernelTime.bytes(logits, labels) + (double) KEPT * size * Float.BYTES);
        rows.run(first, cells);
        KernelCall second = cell("cross_entropy_cells", OpenClBuffer.memory(logits), pixels, logits, labels)
                .with(stride)
                .with(cellGradients)
                .does(25 * logitsRead, KernelTime.bytes(logits) + (double) KEPT * size * Float.BYTES);
        rows.run(second, cells);
        cl_mem sum = total.floats(1);
        cl_mem count = valid.floats(1);
        rows.sum(cellLosses, cells, 1, sum);
        rows.sum(cellCounts, cells, 1, count);
        rows.run(
                rows.call("cross_entropy", "cross_entropy_gather")
                        .with(cellGradients)
                        .with(count)
                        .with(cells)
                        .with(height)
                        .with(width)
                        .with(classes)
                        .with(weight)
                        .with(gradLogits),
                cells);
        rows.call("cross_entropy", "cross_entropy_loss")
                .with(sum)
                .with(count)
                .with(loss)
                .run(1);
    }

    private KernelCall cell(String kernel, cl_mem first, cl_mem second, Tensor logits, Tensor labels) {
        return rows.call("cross_entropy", kernel)
                .with(first)
                .with(second)
                .with(logits.shape().rows())
                .with(logits.shape().dim(1))
                .with(logits.shape().dim(2))
                .with(logits.shape().dim(3))
                .with(labels.shape().dim(1))
                .with(labels.shape().dim(2));
    }
}
