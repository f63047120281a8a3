package org.stegokernels.device.launch;

import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code assignment_loss}, after {@code argmax} or {@code softmax}. */
final class AssignmentLoss {
    private static final String FAMILY = "assignment_loss";

    private final Launcher launcher;
    private final Sums sums;
    private final Workspace best;
    private final Workspace products;

    AssignmentLoss(Launcher launcher, Sums sums) {
        this.launcher = launcher;
        this.sums = sums;
        this.best = Workspace.ints(launcher, "the largest cosines");
        this.products = Workspace.floats(launcher, "losses of rows");
    }

    void run(Tensor cosines, float alpha, float weight, Tensor gradCosines, Tensor loss) {
        int count = cosines.shape().rows();
        int clusters = cosines.shape().dim(-1);
        Memory rowProducts = products.take(count);
        if (alpha == 0) {
            Memory winners = best.take(count);
            launcher.launch("argmax", "argmax")
                    .with(cosines)
                    .with(count)
                    .with(clusters)
                    .with(winners)
                    .overRows(count);
            launcher.launch(FAMILY, "hard_assignment")
                    .with(cosines)
                    .with(winners)
                    .with(count)
                    .with(clusters)
                    .with(-weight / count)
                    .with(gradCosines)
                    .with(rowProducts)
                    .overRows(count);
        } else {
            launcher.launch("softmax", "softmax")
                    .with(cosines)
                    .with(count)
                    .with(clusters)
                    .with(alpha)
                    .with(gradCosines)
                    .overRows(count);
            launcher.launch(FAMILY, "soft_assignment")
                    .with(cosines)
                    .with(count)
                    .with(clusters)
                    .with(alpha)
                    .with(-weight / count)
                    .with(gradCosines)
                    .with(rowProducts)
                    .overRows(count);
        }
        sums.sum(rowProducts, count, -1.0 / count, launcher.memory(loss));
    }
}
