package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.device.CorrespondenceRule;
import org.stegokernels.tensor.Tensor;

/**
 * A term of the correspondence loss: launches of {@code product.cl} and {@code correspondence.cl}. Nothing is larger than
 * {@code [B, P, P]}.
 */
final class Correspondence {
    private final OpenClContext context;
    private final RowKernels rows;
    private final Product product;
    private final Workspace features;
    private final Workspace codes;
    private final Workspace sums;
    private final Workspace mean;

    Correspondence(OpenClContext context, RowKernels rows, Product product) {
        this.context = context;
        this.rows = rows;
        this.product = product;
        this.features = new Workspace(context, "correlations of features");
        this.codes = new Workspace(context, "correlations of codes");
        this.sums = new Workspace(context, "sums of correlations");
        this.mean = new Workspace(context, "a mean");
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
        cl_mem fd = correlate(features1, features2, features);
        cl_mem cd = correlate(code1, code2, codes);
        cl_mem rowSums = sums.floats(count);
        cl_mem base = mean.floats(1);
        if (rule.pointwise()) {
            rows.run(
                    rows.call("correspondence", "center_rows")
                            .with(count)
                            .with(points)
                            .with(fd)
                            .with(rowSums),
                    count);
            rows.sum(rowSums, count, 1 / pairs, base);
        } else {
            context.fill(base, 0, 0, 1);
        }
        rows.run(
                rows.call("correspondence", "judge")
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
                        .does(4 * pairs, 3 * pairs * Float.BYTES),
                count);
        rows.sum(rowSums, count, -1 / pairs, OpenClBuffer.memory(loss));
        int square = points * points;
        addGradient(new Product.Left(cd, square, points, 1), code2, gradCode1);
        addGradient(new Product.Left(cd, square, 1, points), code1, gradCode2);
    }

    /** The products of all rows of one with all rows of the other, image by image. */
    private cl_mem correlate(Tensor a, Tensor b, Workspace workspace) {
        int images = a.shape().dim(0);
        int points = a.shape().dim(1);
        int channels = a.shape().dim(2);
        int image = points * channels;
        cl_mem out = workspace.floats((long) images * points * points);
        product.run(
                Product.Sizes.of(images, points, points, channels),
                new Product.Left(OpenClBuffer.memory(a), image, channels, 1),
                new Product.Right(OpenClBuffer.memory(b), 0, image, 1, channels),
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
                new Product.Right(OpenClBuffer.memory(code), 0, image, channels, 1),
                1,
                new Product.Out(OpenClBuffer.memory(gradient), 0, image, true));
    }
}
