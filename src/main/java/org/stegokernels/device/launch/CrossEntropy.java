package org.stegokernels.device.launch;

import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.launch.Launcher.Launch;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code cross_entropy}. */
final class CrossEntropy {
    private static final String FAMILY = "cross_entropy";

    /** Numbers kept of each label. */
    private static final int KEPT = 5;

    private static final int CORNERS = 4;

    private final Launcher launcher;
    private final Sums sums;
    private final Workspace ones;
    private final Workspace kept;
    private final Workspace losses;
    private final Workspace counts;
    private final Workspace gradients;
    private final Workspace total;
    private final Workspace valid;

    CrossEntropy(Launcher launcher, Sums sums) {
        this.launcher = launcher;
        this.sums = sums;
        this.ones = Workspace.floats(launcher, "weights of classes");
        this.kept = Workspace.floats(launcher, "what is kept of labels");
        this.losses = Workspace.floats(launcher, "losses of cells");
        this.counts = Workspace.floats(launcher, "labels of cells");
        this.gradients = Workspace.floats(launcher, "gradients of cells");
        this.total = Workspace.floats(launcher, "a sum");
        this.valid = Workspace.floats(launcher, "a count");
    }

    void run(Tensor logits, Tensor labels, Tensor classWeights, float weight, Tensor gradLogits, Tensor loss) {
        int cells = logits.shape().rows();
        int height = logits.shape().dim(1);
        int width = logits.shape().dim(2);
        int classes = logits.shape().dim(3);
        int size = labels.shape().size();
        // Kernels load whole vectors, the last of them past the last label.
        int stride = size + launcher.vectorLength();
        Memory pixels = kept.take((long) KEPT * stride);
        Memory cellLosses = losses.take(cells);
        Memory cellCounts = counts.take(cells);
        Memory cellGradients = gradients.take((long) CORNERS * cells * classes);
        Memory weights = classWeights == null ? ones(classes) : launcher.memory(classWeights);
        double logitsRead = (double) size * classes;
        cell("cross_entropy_pixels", launcher.memory(labels), logits, labels)
                .with(stride)
                .with(weights)
                .with(pixels)
                .with(cellLosses)
                .with(cellCounts)
                .does(30 * logitsRead, KernelTime.bytes(logits, labels) + (double) KEPT * size * Float.BYTES)
                .overRows(cells);
        cell("cross_entropy_cells", pixels, logits, labels)
                .with(stride)
                .with(cellGradients)
                .does(25 * logitsRead, KernelTime.bytes(logits) + (double) KEPT * size * Float.BYTES)
                .overRows(cells);
        Memory sum = total.take(1);
        Memory count = valid.take(1);
        sums.sum(cellLosses, cells, 1, sum);
        sums.sum(cellCounts, cells, 1, count);
        launcher.launch(FAMILY, "cross_entropy_gather")
                .with(cellGradients)
                .with(count)
                .with(cells)
                .with(height)
                .with(width)
                .with(classes)
                .with(weight)
                .with(gradLogits)
                .overRows(cells);
        launcher.launch(FAMILY, "cross_entropy_loss")
                .with(sum)
                .with(count)
                .with(loss)
                .overItems(1);
    }

    private Memory ones(int classes) {
        Memory memory = ones.take(classes);
        launcher.fill(memory, classes, 1f);
        return memory;
    }

    private Launch cell(String kernel, Memory second, Tensor logits, Tensor labels) {
        return launcher.launch(FAMILY, kernel)
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
