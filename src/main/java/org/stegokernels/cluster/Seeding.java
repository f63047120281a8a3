package org.stegokernels.cluster;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;

/**
 * First centres by greedy k-means++ (Arthur and Vassilvitskii 2007): each next centre is drawn with a probability
 * proportional to the squared distance from those chosen; of a few candidates the one that lowers the sum of distances
 * most is taken. Draws come from {@link SplittableRandom}.
 */
final class Seeding {
    /** Squared distances below this part of the squared lengths are rounding: the points count as the same. */
    private static final double SAME = 4e-6;

    private final Device device;
    private final PointBlocks blocks;
    private final SplittableRandom random;
    private final int channels;
    private final float[] points;
    private final double[] squaredLengths;
    /** Squared distance of each point from the nearest centre so far. */
    private double[] nearest;

    private Seeding(Device device, PointBlocks blocks, SplittableRandom random) {
        this.device = device;
        this.blocks = blocks;
        this.random = random;
        this.channels = blocks.channels();
        this.points = new float[blocks.count() * channels];
        this.squaredLengths = new double[blocks.count()];
        this.nearest = new double[blocks.count()];
        float[] block = new float[Math.min(PointBlocks.ROWS, blocks.count()) * channels];
        for (int b = 0; b < blocks.blocks(); b++) {
            Tensor x = blocks.load(b);
            device.read(x, block);
            System.arraycopy(
                    block, 0, points, blocks.first(b) * channels, x.shape().size());
        }
        for (int i = 0; i < squaredLengths.length; i++) {
            squaredLengths[i] = PointBlocks.squaredLength(points, i * channels, channels);
        }
    }

    /**
     * Chooses centres among the points.
     *
     * @return {@code [k, C]}; fewer than {@code k} if no more points are distinct
     */
    static float[] centres(Device device, PointBlocks blocks, int k, SplittableRandom random) {
        return new Seeding(device, blocks, random).centres(k);
    }

    private float[] centres(int k) {
        int trials = 2 + (int) Math.log(k);
        float[] centres = new float[k * channels];
        Arrays.fill(nearest, Double.MAX_VALUE);
        int[] candidates = {random.nextInt(nearest.length)};
        for (int chosen = 0; chosen < k; chosen++) {
            int best = take(candidates);
            System.arraycopy(points, best * channels, centres, chosen * channels, channels);
            double sum = Arrays.stream(nearest).sum();
            if (sum == 0 && chosen + 1 < k) {
                return Arrays.copyOf(centres, (chosen + 1) * channels);
            }
            candidates = new int[trials];
            for (int t = 0; t < trials; t++) {
                candidates[t] = draw(random.nextDouble() * sum);
            }
        }
        return centres;
    }

    /** Returns the first point at which the running sum of distances passes {@code target}. */
    private int draw(double target) {
        double running = 0;
        int last = 0;
        for (int i = 0; i < nearest.length; i++) {
            if (nearest[i] > 0) {
                running += nearest[i];
                last = i;
                if (running > target) {
                    return i;
                }
            }
        }
        return last;
    }

    /** Makes the best of the candidates a centre and updates the distances to the nearest. */
    private int take(int[] candidates) {
        double[][] distances = distances(candidates);
        int best = 0;
        double lowest = Double.POSITIVE_INFINITY;
        for (int t = 0; t < candidates.length; t++) {
            for (int i = 0; i < nearest.length; i++) {
                distances[t][i] = Math.min(distances[t][i], nearest[i]);
            }
            double sum = Arrays.stream(distances[t]).sum();
            if (sum < lowest) {
                lowest = sum;
                best = t;
            }
        }
        nearest = distances[best];
        return candidates[best];
    }

    /** Returns the squared distances of all points from each candidate, {@code |x|^2 + |c|^2 - 2 x c}. */
    private double[][] distances(int[] candidates) {
        int width = candidates.length;
        float[] rows = new float[width * channels];
        for (int t = 0; t < width; t++) {
            System.arraycopy(points, candidates[t] * channels, rows, t * channels, channels);
        }
        double[][] distances = new double[width][nearest.length];
        int rowsInBlock = Math.min(PointBlocks.ROWS, nearest.length);
        float[] products = new float[rowsInBlock * width];
        try (Tensor weight = device.upload(rows, width, channels);
                LinearWeights packed = device.kernels().packLinear(weight, null);
                Tensor out = device.allocate(rowsInBlock, width)) {
            for (int b = 0; b < blocks.blocks(); b++) {
                Tensor x = blocks.load(b);
                int n = x.shape().dim(0);
                Tensor view = out.view(n, width);
                device.kernels().linear(x, packed, Activation.NONE, null, view);
                device.read(view, products);
                for (int i = 0; i < n * width; i++) {
                    int point = blocks.first(b) + i / width;
                    int t = i % width;
                    double lengths = squaredLengths[point] + squaredLengths[candidates[t]];
                    double distance = lengths - 2.0 * products[i];
                    distances[t][point] = distance <= SAME * lengths ? 0 : distance;
                }
            }
        }
        return distances;
    }
}
