package org.stegokernels.cluster;

import java.util.Arrays;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * Lloyd's iterations over blocks of points. The nearest centre of x is the one with the largest score {@code x c -
 * |c|^2 / 2} ({@code x c} for {@link Metric#COSINE}): a linear layer and an argmax.
 */
final class Lloyd implements AutoCloseable {
    private final Device device;
    private final PointBlocks blocks;
    private final KMeans.Settings settings;
    private final int k;
    private final int channels;
    /** Sum over all points of their own part of the distance: the squared length, or 1. */
    private final double ownDistances;

    private final int[] labels;
    private final int[] blockLabels;
    private final float[] sums;
    private final int[] counts;
    private final Tensor scoreBuffer;
    private final Tensor labelBuffer;
    private final Tensor sumBuffer;
    private final Tensor countBuffer;

    Lloyd(Device device, PointBlocks blocks, KMeans.Settings settings) {
        this.device = device;
        this.blocks = blocks;
        this.settings = settings;
        this.k = settings.clusters();
        this.channels = blocks.channels();
        this.ownDistances = settings.metric() == Metric.COSINE ? blocks.count() : blocks.squaredLengths();
        int rows = Math.min(PointBlocks.ROWS, blocks.count());
        this.labels = new int[blocks.count()];
        this.blockLabels = new int[rows];
        this.sums = new float[k * channels];
        this.counts = new int[k];
        this.scoreBuffer = device.allocate(rows, k);
        this.labelBuffer = device.allocate(ElementType.I32, Shape.of(rows));
        this.sumBuffer = device.allocate(k, channels);
        this.countBuffer = device.allocate(ElementType.I32, Shape.of(k));
    }

    /** Iterates from the given centres, {@code [k, C]}, to the end; centroids are relative to the origin of the blocks. */
    Clustering run(float[] start) {
        float[] centroids = start.clone();
        Arrays.fill(labels, -1);
        double previous = Double.POSITIVE_INFINITY;
        for (int iteration = 0; ; iteration++) {
            boolean moved = assign(centroids);
            double inertia = inertia(centroids);
            boolean settled = !moved || settings.tolerance() > 0 && previous - inertia < settings.tolerance() * inertia;
            if (settled || iteration == settings.maxIterations()) {
                return new Clustering(channels, centroids, inertia, counts.clone(), iteration);
            }
            previous = inertia;
            centroids = updated(centroids);
        }
    }

    /** Assigns all points; leaves labels, sums and counts. Returns whether a label changed. */
    private boolean assign(float[] centroids) {
        Arrays.fill(sums, 0);
        Arrays.fill(counts, 0);
        device.write(sums, sumBuffer);
        device.write(counts, countBuffer);
        boolean moved = false;
        try (LinearWeights packed = pack(centroids)) {
            for (int b = 0; b < blocks.blocks(); b++) {
                Tensor x = blocks.load(b);
                Tensor label = score(x, packed);
                device.kernels().clusterSums(x, label, sumBuffer, countBuffer);
                device.read(label, blockLabels);
                int n = x.shape().dim(0);
                int first = blocks.first(b);
                if (!Arrays.equals(labels, first, first + n, blockLabels, 0, n)) {
                    moved = true;
                    System.arraycopy(blockLabels, 0, labels, first, n);
                }
            }
        }
        device.read(sumBuffer, sums);
        device.read(countBuffer, counts);
        return moved;
    }

    private LinearWeights pack(float[] centroids) {
        float[] bias = new float[k];
        if (settings.metric() == Metric.EUCLIDEAN) {
            for (int c = 0; c < k; c++) {
                bias[c] = (float) (-0.5 * PointBlocks.squaredLength(centroids, c * channels, channels));
            }
        }
        try (Tensor weight = device.upload(centroids, k, channels);
                Tensor offset = device.upload(bias, k)) {
            return device.kernels().packLinear(weight, offset);
        }
    }

    /** Leaves the scores of the points in the score buffer and returns their labels. */
    private Tensor score(Tensor x, LinearWeights packed) {
        int n = x.shape().dim(0);
        Tensor scores = scoreBuffer.view(n, k);
        Tensor label = labelBuffer.view(n);
        device.kernels().linear(x, packed, Activation.NONE, null, scores);
        device.kernels().argmax(scores, label);
        return label;
    }

    /**
     * Returns the sum of the distances, from the sums of the clusters alone: {@code sum |x|^2 - sum_c (2 c S_c - n_c
     * |c|^2)}.
     */
    private double inertia(float[] centroids) {
        double inertia = ownDistances;
        for (int c = 0; c < k; c++) {
            double product = 0;
            for (int i = c * channels; i < (c + 1) * channels; i++) {
                product += (double) centroids[i] * sums[i];
            }
            if (settings.metric() == Metric.COSINE) {
                inertia -= product;
            } else {
                double length = PointBlocks.squaredLength(centroids, c * channels, channels);
                inertia -= 2 * product - counts[c] * length;
            }
        }
        return Math.max(0, inertia);
    }

    private float[] updated(float[] centroids) {
        float[] next = new float[k * channels];
        int empty = 0;
        for (int c = 0; c < k; c++) {
            empty += counts[c] == 0 ? 1 : 0;
            double size = settings.metric() == Metric.COSINE
                    ? Math.sqrt(PointBlocks.squaredLength(sums, c * channels, channels))
                    : counts[c];
            for (int i = c * channels; i < (c + 1) * channels; i++) {
                next[i] = size > 0 ? (float) (sums[i] / size) : centroids[i];
            }
        }
        if (empty > 0) {
            fillEmpty(centroids, next, empty);
        }
        return next;
    }

    /** Gives each empty cluster one of the points farthest from their centres, the farthest first. */
    private void fillEmpty(float[] centroids, float[] next, int empty) {
        float[] farthest = farthest(centroids, empty);
        int taken = 0;
        for (int c = 0; c < k; c++) {
            if (counts[c] == 0) {
                System.arraycopy(farthest, taken++ * channels, next, c * channels, channels);
            }
        }
    }

    private float[] farthest(float[] centroids, int wanted) {
        float[] found = new float[wanted * channels];
        double[] distances = new double[wanted];
        Arrays.fill(distances, Double.NEGATIVE_INFINITY);
        int rows = blockLabels.length;
        float[] x = new float[rows * channels];
        float[] scores = new float[rows * k];
        try (LinearWeights packed = pack(centroids)) {
            for (int b = 0; b < blocks.blocks(); b++) {
                Tensor block = blocks.load(b);
                int n = block.shape().dim(0);
                score(block, packed);
                device.read(block, x);
                device.read(scoreBuffer.view(n, k), scores);
                for (int i = 0; i < n; i++) {
                    double own = PointBlocks.squaredLength(x, i * channels, channels);
                    double distance = own - 2.0 * scores[i * k + labels[blocks.first(b) + i]];
                    insert(distance, x, i, distances, found);
                }
            }
        }
        return found;
    }

    /** Keeps {@code distances} falling and {@code found} beside it; of equal distances the first point stays first. */
    private void insert(double distance, float[] x, int row, double[] distances, float[] found) {
        int place = distances.length;
        while (place > 0 && distance > distances[place - 1]) {
            place--;
        }
        if (place == distances.length) {
            return;
        }
        int moved = distances.length - 1 - place;
        System.arraycopy(distances, place, distances, place + 1, moved);
        System.arraycopy(found, place * channels, found, (place + 1) * channels, moved * channels);
        distances[place] = distance;
        System.arraycopy(x, row * channels, found, place * channels, channels);
    }

    @Override
    public void close() {
        scoreBuffer.close();
        labelBuffer.close();
        sumBuffer.close();
        countBuffer.close();
    }
}
