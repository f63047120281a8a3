package org.stegokernels.device.tornado;

import org.stegokernels.device.CorrespondenceRule;
import org.stegokernels.tensor.Tensor;

/**
 * A term of the correspondence loss: launches of the kernels of this name, and of {@code Product}. Nothing is larger than
 * {@code [B, P, P]}.
 */
final class Correspondence {
    private final TornadoContext context;
    private final Sums sums;
    private final Product product;
    private final Workspace features;
    private final Workspace codes;
    private final Workspace ofRows;
    private final Workspace mean;

    Correspondence(TornadoContext context, Sums sums, Product product) {
        this.context = context;
        this.sums = sums;
        this.product = product;
        this.features = Workspace.floats(context, "correlations of features");
        this.codes = Workspace.floats(context, "correlations of codes");
        this.ofRows = Workspace.floats(context, "sums of correlations");
        this.mean = Workspace.floats(context, "a mean");
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
        int fd = correlate(features1, features2, features);
        int cd = correlate(code1, code2, codes);
        int rowSums = ofRows.take(count);
        int base = mean.take(1);
        if (rule.pointwise()) {
            context.call(Kernel.CENTER_ROWS)
                    .with(count)
                    .with(points)
                    .with(fd)
                    .with(rowSums)
                    .rows(count);
            sums.sum(rowSums, count, 1 / pairs, base);
        } else {
            context.fill(base, 1, 0f);
        }
        context.call(Kernel.JUDGE)
                .with(fd)
                .with(base)
                .with(count)
                .with(points)
                .with(cd)
                .with(rowSums)
                .with(rule.shift())
                .with(rule.lowest())
                .with(rule.highest())
                .with((float) (-weight / pairs))
                .does(4 * pairs, 3 * pairs * Float.BYTES)
                .rows(count);
        sums.sum(rowSums, count, -1 / pairs, TornadoBuffer.start(loss));
        int square = points * points;
        addGradient(new Product.Left(cd, square, points, 1), code2, gradCode1);
        addGradient(new Product.Left(cd, square, 1, points), code1, gradCode2);
    }

    /** The products of all rows of one with all rows of the other, image by image. */
    private int correlate(Tensor a, Tensor b, Workspace workspace) {
        int images = a.shape().dim(0);
        int points = a.shape().dim(1);
        int channels = a.shape().dim(2);
        int image = points * channels;
        int out = workspace.take((long) images * points * points);
        product.run(
                Product.Sizes.of(images, points, points, channels),
                new Product.Left(TornadoBuffer.start(a), image, channels, 1),
                new Product.Right(TornadoBuffer.start(b), image, 1, channels),
                1,
                new Product.Out(out, points * points, false));
        return out;
    }

    private void addGradient(Product.Left judged, Tensor code, Tensor gradient) {
        int points = code.shape().dim(1);
        int channels = code.shape().dim(2);
        int image = points * channels;
        product.run(
                Product.Sizes.of(code.shape().dim(0), points, channels, points),
                judged,
                new Product.Right(TornadoBuffer.start(code), image, channels, 1),
                1,
                new Product.Out(TornadoBuffer.start(gradient), image, true));
    }
}
