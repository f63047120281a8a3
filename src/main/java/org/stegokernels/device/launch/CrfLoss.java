package org.stegokernels.device.launch;

import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations.Product;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code crf_loss}, and products. */
final class CrfLoss {
    private static final String FAMILY = "crf_loss";

    /** Limit of the affinities held at a time, in floats. */
    private static final int AFFINITIES = 1 << 22;

    private final Launcher launcher;
    private final Sums sums;
    private final IndexCheck check;
    private final Product product;
    private final Workspace places;
    private final Workspace codes;
    private final Workspace affinities;
    private final Workspace moved;
    private final Workspace products;

    CrfLoss(Launcher launcher, Sums sums, IndexCheck check, Product product) {
        this.launcher = launcher;
        this.sums = sums;
        this.check = check;
        this.product = product;
        this.places = Workspace.floats(launcher, "places and colours of points");
        this.codes = Workspace.floats(launcher, "codes of points");
        this.affinities = Workspace.floats(launcher, "affinities");
        this.moved = Workspace.floats(launcher, "products of affinities and codes");
        this.products = Workspace.floats(launcher, "losses of points");
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
        Memory place = places.take((long) planes * count);
        Memory own = codes.take((long) count * channels);
        launcher.launch(FAMILY, "select_points")
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
                .overRows(count);
        Memory result = multiply(images, n, channels, planes, place, own, settings);
        double pairs = (double) count * n;
        Memory parts = products.take(count);
        launcher.launch(FAMILY, "code_products")
                .with(own)
                .with(result)
                .with(count)
                .with(channels)
                .with(parts)
                .overRows(count);
        sums.sum(parts, count, -1 / pairs, launcher.memory(loss));
        launcher.fill(launcher.memory(gradCode), gradCode.shape().size(), 0f);
        launcher.launch(FAMILY, "scatter_points")
                .with(result)
                .with(points)
                .with(n)
                .with(size)
                .with(width)
                .with(channels)
                .with((float) (-2 * weight / pairs))
                .with(gradCode)
                .overVectors(channels, images);
    }

    /** Computes {@code K c}, some rows of K at a time. */
    private Memory multiply(
            int images, int n, int channels, int planes, Memory place, Memory own, GuidanceSettings settings) {
        Memory out = moved.take((long) images * n * channels);
        int block = (int) Math.max(1, Math.min(n, AFFINITIES / ((long) images * n)));
        Memory some = affinities.take((long) images * block * n);
        product.pack(
                Product.Sizes.of(images, block, channels, n), new Product.Right(own, 0, n * channels, channels, 1));
        for (int first = 0; first < n; first += block) {
            int count = Math.min(block, n - first);
            launcher.launch(FAMILY, "affinities")
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
                    .does((3.0 * planes + 40) * images * count * n, 4.0 * images * count * n)
                    .overRows((long) images * count);
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
