package org.stegokernels.device.launch;

import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations.Product;
import org.stegokernels.tensor.Tensor;

/**
 * A term of the correspondence loss: launches of {@code correspondence}, and products. Nothing is larger than {@code [B, P,
 * P]}.
 */
final class Correspondence {
    private static final String FAMILY = "correspondence";

    private final Launcher launcher;
    private final Sums sums;
    private final Product product;
    private final Workspace features;
    private final Workspace codes;
    private final Workspace rows;
    private final Workspace mean;

    Correspondence(Launcher launcher, Sums sums, Product product) {
        this.launcher = launcher;
        this.sums = sums;
        this.product = product;
        this.features = Workspace.floats(launcher, "correlations of features");
        this.codes = Workspace.floats(launcher, "correlations of codes");
        this.rows = Workspace.floats(launcher, "sums of correlations");
        this.mean = Workspace.floats(launcher, "a mean");
    }

    void run(
            Tensor features1,
            Tensor features2,
            Tensor code1,
            Tensor code2,
            CorrespondenceRule rule,
            float weight,
            Tensor gradCode1,
            Tensor gradCode2,
            Tensor loss) {
        int images = features1.shape().dim(0);
        int points = features1.shape().dim(1);
        int count = images * points;
        double pairs = (double) count * points;
        Memory fd = correlate(features1, features2, features);
        Memory cd = correlate(code1, code2, codes);
        Memory rowSums = rows.take(count);
        Memory base = mean.take(1);
        if (rule.pointwise()) {
            launcher.launch(FAMILY, "center_rows")
                    .with(count)
                    .with(points)
                    .with(fd)
                    .with(rowSums)
                    .overRows(count);
            sums.sum(rowSums, count, 1 / pairs, base);
        } else {
            launcher.fill(base, 1, 0f);
        }
        launcher.launch(FAMILY, "judge")
                .with(fd)
                .with(base)
                .with(count)
                .with(points)
                .with(rule.shift())
                .with(rule.lowest())
                .with(rule.highest())
                .with((float) (-weight / pairs))
                .with(cd)
                .with(rowSums)
                .does(4 * pairs, 3 * pairs * Float.BYTES)
                .overRows(count);
        sums.sum(rowSums, count, -1 / pairs, launcher.memory(loss));
        int square = points * points;
        addGradient(new Product.Left(cd, square, points, 1), code2, gradCode1);
        addGradient(new Product.Left(cd, square, 1, points), code1, gradCode2);
    }

    /** Returns the products of all rows of one with all rows of the other, image by image. */
    private Memory correlate(Tensor a, Tensor b, Workspace workspace) {
        int images = a.shape().dim(0);
        int points = a.shape().dim(1);
        int channels = a.shape().dim(2);
        int image = points * channels;
        Memory out = workspace.take((long) images * points * points);
        product.run(
                Product.Sizes.of(images, points, points, channels),
                new Product.Left(launcher.memory(a), image, channels, 1),
                new Product.Right(launcher.memory(b), 0, image, 1, channels),
                1,
                new Product.Out(out, 0, points * points, false));
        return out;
    }

    private void addGradient(Product.Left judged, Tensor code, Tensor gradient) {
        int points = code.shape().dim(1);
        int channels = code.shape().dim(2);
        int image = points * channels;
        product.run(
                Product.Sizes.of(code.shape().dim(0), points, channels, points),
                judged,
                new Product.Right(launcher.memory(code), 0, image, channels, 1),
                1,
                new Product.Out(launcher.memory(gradient), 0, image, true));
    }
}
