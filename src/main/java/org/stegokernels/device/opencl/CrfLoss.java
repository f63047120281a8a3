package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.device.GuidanceSettings;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code crf_loss.cl} and {@code product.cl}. */
final class CrfLoss {
    /** Affinities held at a time, in floats. */
    private static final int AFFINITIES = 1 << 22;

    private final OpenClContext context;
    private final RowKernels rows;
    private final IndexCheck check;
    private final Product product;
    private final Workspace places;
    private final Workspace codes;
    private final Workspace affinities;
    private final Workspace moved;
    private final Workspace products;

    CrfLoss(OpenClContext context, RowKernels rows, IndexCheck check, Product product) {
        this.context = context;
        this.rows = rows;
        this.check = check;
        this.product = product;
        this.places = new Workspace(context, "places and colours of points");
        this.codes = new Workspace(context, "codes of points");
        this.affinities = new Workspace(context, "affinities");
        this.moved = new Workspace(context, "products of affinities and codes");
        this.products = new Workspace(context, "losses of points");
    }

    void run(
            Tensor guidance,
            Tensor code,
            Tensor points,
            GuidanceSettings settings,
            float weight,
            Tensor gradCode,
            Tensor loss) {
        requireInside(points, code);
        int images = code.shape().dim(0);
        int n = points.shape().dim(1);
        int size = code.shape().dim(1) * code.shape().dim(2);
        int width = code.shape().dim(2);
        int channels = code.shape().dim(3);
        int planes = 2 + guidance.shape().dim(3);
        int count = images * n;
        cl_mem place = places.floats((long) planes * count);
        cl_mem own = codes.floats((long) count * channels);
        rows.run(
                rows.call("crf_loss", "select_points")
                        .with(guidance)
                        .with(code)
                        .with(points)
                        .with(count)
                        .with(n)
                        .with(size)
                        .with(width)
                        .with(planes - 2)
                        .with(channels)
                        .with(place)
                        .with(own),
                count);
        cl_mem result = multiply(images, n, channels, planes, place, own, settings);
        double pairs = (double) count * n;
        cl_mem parts = products.floats(count);
        rows.run(
                rows.call("crf_loss", "code_products")
                        .with(own)
                        .with(result)
                        .with(count)
                        .with(channels)
                        .with(parts),
                count);
        rows.sum(parts, count, -1 / pairs, OpenClBuffer.memory(loss));
        context.fill(OpenClBuffer.memory(gradCode), 0, 0, gradCode.shape().size());
        rows.call("crf_loss", "scatter_points")
                .with(result)
                .with(points)
                .with(n)
                .with(size)
                .with(width)
                .with(channels)
                .with((float) (-2 * weight / pairs))
                .with(gradCode)
                .run(rows.vectors(channels), images);
    }

    /** {@code K c}, some rows of K at a time. */
    private cl_mem multiply(
            int images, int n, int channels, int planes, cl_mem place, cl_mem own, GuidanceSettings settings) {
        cl_mem out = moved.floats((long) images * n * channels);
        int block = (int) Math.max(1, Math.min(n, AFFINITIES / ((long) images * n)));
        cl_mem some = affinities.floats((long) images * block * n);
        product.pack(
                Product.Sizes.of(images, block, channels, n), new Product.Right(own, 0, n * channels, channels, 1));
        for (int first = 0; first < n; first += block) {
            int count = Math.min(block, n - first);
            rows.run(
                    rows.call("crf_loss", "affinities")
                            .with(place)
                            .with(images * count)
                            .with(count)
                            .with(first)
                            .with(n)
                            .with(planes)
                            .with((float) (0.5 / settings.alpha()))
                            .with((float) (0.5 / settings.beta()))
                            .with((float) (0.5 / settings.gamma()))
                            .with((float) settings.w1())
                            .with((float) settings.w2())
                            .with((float) settings.shift())
                            .with(some)
                            .does((3.0 * planes + 40) * images * count * n, 4.0 * images * count * n),
                    images * count);
            product.multiply(
                    Product.Sizes.of(images, count, channels, n),
                    new Product.Left(some, count * n, n, 1),
                    1,
                    new Product.Out(out, first * channels, n * channels, false));
        }
        return out;
    }

    /** Waits for the points. */
    private void requireInside(Tensor points, Tensor code) {
        int n = points.shape().dim(1);
        int height = code.shape().dim(1);
        int width = code.shape().dim(2);
        int bad = Math.max(check.firstBad(points, 0, n, height), check.firstBad(points, n, n, width));
        if (bad >= 0) {
            throw new IllegalArgumentException("crfLoss: point " + bad + " at row " + check.value(points, bad)
                    + ", column " + check.value(points, n + bad) + " is outside of " + height + " x " + width);
        }
    }
}
