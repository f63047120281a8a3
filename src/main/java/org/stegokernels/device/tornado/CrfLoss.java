package org.stegokernels.device.tornado;

import org.stegokernels.device.GuidanceSettings;
import org.stegokernels.tensor.Tensor;

/** Launches of the kernels of this name, and of {@code Product}. */
final class CrfLoss {
    /** Limit of the affinities held at a time. */
    private static final long AFFINITIES = 1 << 22;

    private final TornadoContext context;
    private final Sums sums;
    private final IndexCheck check;
    private final Product product;
    private final Workspace places;
    private final Workspace codes;
    private final Workspace affinities;
    private final Workspace moved;
    private final Workspace products;

    CrfLoss(TornadoContext context, Sums sums, IndexCheck check, Product product) {
        this.context = context;
        this.sums = sums;
        this.check = check;
        this.product = product;
        this.places = Workspace.floats(context, "places and colours of points");
        this.codes = Workspace.floats(context, "codes of points");
        this.affinities = Workspace.floats(context, "affinities");
        this.moved = Workspace.floats(context, "products of affinities and codes");
        this.products = Workspace.floats(context, "losses of points");
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
        int place = places.take((long) planes * count);
        int own = codes.take((long) count * channels);
        context.call(Kernel.SELECT_POINTS)
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
                .with(own)
                .rows(count);
        int result = multiply(images, n, channels, planes, place, own, settings);
        double pairs = (double) count * n;
        int parts = products.take(count);
        context.call(Kernel.CODE_PRODUCTS)
                .with(own)
                .with(result)
                .with(count)
                .with(channels)
                .with(parts)
                .rows(count);
        sums.sum(parts, count, -1 / pairs, TornadoBuffer.start(loss));
        context.fill(TornadoBuffer.start(gradCode), gradCode.shape().size(), 0f);
        context.call(Kernel.SCATTER_POINTS)
                .with(result)
                .with(points)
                .with(n)
                .with(size)
                .with(width)
                .with(channels)
                .with((float) (-2 * weight / pairs))
                .with(gradCode)
                .items(channels, images);
    }

    /** {@code K c}, some rows of K at a time. */
    private int multiply(int images, int n, int channels, int planes, int place, int own, GuidanceSettings settings) {
        int out = moved.take((long) images * n * channels);
        int block = (int) Math.max(1, Math.min(n, AFFINITIES / ((long) images * n)));
        int some = affinities.take((long) images * block * n);
        for (int first = 0; first < n; first += block) {
            int count = Math.min(block, n - first);
            context.call(Kernel.AFFINITIES)
                    .with(place)
                    .with(images * count)
                    .with(count)
                    .with(first)
                    .with(n)
                    .with(planes)
                    .with(some)
                    .with((float) (0.5 / settings.alpha()))
                    .with((float) (0.5 / settings.beta()))
                    .with((float) (0.5 / settings.gamma()))
                    .with((float) settings.w1())
                    .with((float) settings.w2())
                    .with((float) settings.shift())
                    .does((3.0 * planes + 40) * images * count * n, 4.0 * images * count * n)
                    .rows((long) images * count);
            product.run(
                    Product.Sizes.of(images, count, channels, n),
                    new Product.Left(some, count * n, n, 1),
                    new Product.Right(own, n * channels, channels, 1),
                    1,
                    new Product.Out(out + first * channels, n * channels, false));
        }
        return out;
    }

    private void requireInside(Tensor points, Tensor code) {
        int n = points.shape().dim(1);
        int height = code.shape().dim(1);
        int width = code.shape().dim(2);
        int rows = TornadoBuffer.start(points);
        int columns = rows + n;
        int bad = Math.max(check.firstBad(rows, n, height), check.firstBad(columns, n, width));
        if (bad >= 0) {
            throw new IllegalArgumentException("crfLoss: point " + bad + " at row " + context.readInt(rows + bad)
                    + ", column " + context.readInt(columns + bad) + " is outside of " + height + " x " + width);
        }
    }
}
