package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.Tensor;

/**
 * CRF loss. With the affinities as a symmetric matrix K, n x n, loss and gradient both come from {@code K c}: the loss
 * from its products with c, the gradient as twice itself. K exists a few rows at a time.
 */
final class CrfLoss {
    /** Rows of K at a time. */
    private static final int BLOCK = 32;

    /** The exponents' factors and the weights of {@link GuidanceSettings}. */
    record Factors(float nearby, float alike, float beside, float w1, float w2, float shift) {
        static Factors of(GuidanceSettings settings) {
            return new Factors(
                    (float) (0.5 / settings.alpha()),
                    (float) (0.5 / settings.beta()),
                    (float) (0.5 / settings.gamma()),
                    (float) settings.w1(),
                    (float) settings.w2(),
                    (float) settings.shift());
        }
    }

    private final Tiles tiles;
    private final int block;
    private final TrainingLanes lanes;
    private final Parallel parallel;
    private final Workspace workspace;

    CrfLoss(Tiles tiles, TrainingLanes lanes, Parallel parallel, Workspace workspace) {
        this.tiles = tiles;
        this.block = tiles.rows(BLOCK);
        this.lanes = lanes;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    /**
     * The place of an image's part in the shared workspace: {@code planes [2 + G, n]}, {@code codes [n, D]}, {@code
     * panels [n, D]} packed, {@code products [n, D]}.
     */
    private record Layout(int points, int colours, int channels, int width) {
        int codes() {
            return (2 + colours) * points;
        }

        int panels() {
            return codes() + points * channels;
        }

        int products() {
            return panels() + points * width;
        }

        int size() {
            return products() + points * channels;
        }
    }

    /** @return the loss */
    double run(Tensor guidance, Tensor code, Tensor points, GuidanceSettings settings, float weight, Tensor gradCode) {
        int images = code.shape().dim(0);
        int n = points.shape().dim(1);
        int channels = code.shape().dim(3);
        int[] pixels = pixels(points, code);
        Layout layout = new Layout(n, guidance.shape().dim(3), channels, tiles.columns(channels));
        float[] shared = workspace.shared(images * layout.size());
        parallel.forEach(images, (image, worker) -> select(guidance, code, points, pixels, image, layout, shared));

        Factors factors = Factors.of(settings);
        int blocks = (n + block - 1) / block;
        double[] sums = new double[images * blocks];
        float[][] scratch = workspace.workers(block * (n + layout.width) + tiles.size(block, n));
        parallel.forEach(images * blocks, (index, worker) -> {
            int first = index % blocks * block;
            sums[index] = multiply(
                    layout,
                    index / blocks * layout.size(),
                    first,
                    Math.min(block, n - first),
                    factors,
                    shared,
                    scratch[worker]);
        });

        double pairs = (double) images * n * n;
        scatter(pixels, layout, shared, (float) (-2 * weight / pairs), gradCode);
        return -Arrays.stream(sums).sum() / pairs;
    }

    /** Returns the index of each point's pixel in an image. */
    private static int[] pixels(Tensor points, Tensor code) {
        int[] coords = CpuDevice.intArray(points);
        int n = points.shape().dim(1);
        int height = code.shape().dim(1);
        int width = code.shape().dim(2);
        int[] pixels = new int[n];
        for (int i = 0; i < n; i++) {
            int y = coords[i];
            int x = coords[n + i];
            if (y < 0 || y >= height || x < 0 || x >= width) {
                throw new IllegalArgumentException("crfLoss: point " + i + " at row " + y + ", column " + x
                        + " is outside of " + height + " x " + width);
            }
            pixels[i] = y * width + x;
        }
        return pixels;
    }

    private void select(
            Tensor guidance, Tensor code, Tensor points, int[] pixels, int image, Layout layout, float[] shared) {
        float[] colours = CpuDevice.array(guidance);
        float[] codes = CpuDevice.array(code);
        int[] coords = CpuDevice.intArray(points);
        int n = layout.points;
        int start = image * layout.size();
        int first = image * code.shape().dim(1) * code.shape().dim(2);
        for (int i = 0; i < n; i++) {
            shared[start + i] = coords[i];
            shared[start + n + i] = coords[n + i];
            for (int g = 0; g < layout.colours; g++) {
                shared[start + (2 + g) * n + i] = colours[(first + pixels[i]) * layout.colours + g];
            }
            System.arraycopy(
                    codes,
                    (first + pixels[i]) * layout.channels,
                    shared,
                    start + layout.codes() + i * layout.channels,
                    layout.channels);
        }
        tiles.pack(shared, start + layout.codes(), n, layout.channels, shared, start + layout.panels());
    }

    /** Computes some rows of {@code K c}. Returns the sum of their products with c. */
    private double multiply(
            Layout layout, int start, int first, int count, Factors factors, float[] shared, float[] own) {
        int n = layout.points;
        int products = block * n;
        Arrays.fill(own, products, products + block * layout.width, 0f);
        for (int row = 0; row < count; row++) {
            lanes.affinity(shared, start, layout.colours, n, first + row, 0, n, factors, own, row * n);
        }
        int packed = products + block * layout.width;
        tiles.packRows(own, 0, n, count, n, own, packed);
        tiles.multiply(
                own,
                packed,
                n,
                tiles.rows(count),
                shared,
                start + layout.panels(),
                n,
                layout.width,
                own,
                products,
                layout.width);
        double sum = 0;
        for (int row = 0; row < count; row++) {
            int at = (first + row) * layout.channels;
            int product = products + row * layout.width;
            sum += lanes.dot(own, product, shared, start + layout.codes() + at, layout.channels);
            System.arraycopy(own, product, shared, start + layout.products() + at, layout.channels);
        }
        return sum;
    }

    private void scatter(int[] pixels, Layout layout, float[] shared, float factor, Tensor gradCode) {
        float[] gradient = CpuDevice.array(gradCode);
        int channels = layout.channels;
        int imageSize = gradCode.shape().size() / gradCode.shape().dim(0);
        parallel.forEach(gradCode.shape().dim(0), (image, worker) -> {
            int target = image * imageSize;
            int products = image * layout.size() + layout.products();
            Arrays.fill(gradient, target, target + imageSize, 0f);
            for (int i = 0; i < pixels.length; i++) {
                int to = target + pixels[i] * channels;
                lanes.addScaled(shared, products + i * channels, channels, factor, gradient, to);
            }
        });
    }
}
