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
 * Blocks of points and their nearest centres, on a device. The nearest centre of x is the one with the largest score {@code x c
 * - |c|^2 / 2} ({@code x c} for {@link Metric#COSINE}): a linear layer and an argmax.
 */
final class BlockAssignment implements Lloyd.Assignable, AutoCloseable {
    private final Device device;
    private final PointBlocks blocks;
    private final Metric metric;
    private final int k;
    private final int channels;
    private final int[] labels;
    private final int[] blockLabels;
    private final Tensor scoreBuffer;
    private final Tensor labelBuffer;
    private final Tensor sumBuffer;
    private final Tensor countBuffer;

    /** @param blocks not closed by this object */
    BlockAssignment(Device device, PointBlocks blocks, Metric metric, int k) {
        this.device = device;
        this.blocks = blocks;
        this.metric = metric;
        this.k = k;
        this.channels = blocks.channels();
        int rows = Math.min(PointBlocks.ROWS, blocks.count());
        this.labels = new int[blocks.count()];
        Arrays.fill(labels, -1);
        this.blockLabels = new int[rows];
        this.scoreBuffer = device.allocate(rows, k);
        this.labelBuffer = device.allocate(ElementType.I32, Shape.of(rows));
        this.sumBuffer = device.allocate(k, channels);
        this.countBuffer = device.allocate(ElementType.I32, Shape.of(k));
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public double ownDistances() {
        return metric == Metric.COSINE ? blocks.count() : blocks.squaredLengths();
    }

    @Override
    public Lloyd.Tally assign(float[] centroids) {
        float[] sums = new float[k * channels];
        int[] counts = new int[k];
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
        return new Lloyd.Tally(sums, counts, moved);
    }

    /** Returns the clusters that the points have since {@link #assign}. */
    int[] labels() {
        return labels;
    }

    private LinearWeights pack(float[] centroids) {
        float[] bias = new float[k];
        if (metric == Metric.EUCLIDEAN) {
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

    @Override
    public Lloyd.Farthest farthest(float[] centroids, int wanted) {
        Lloyd.Farthest farthest = Lloyd.Farthest.none(wanted, channels);
        float[] x = new float[blockLabels.length * channels];
        float[] scores = new float[blockLabels.length * k];
        try (LinearWeights packed = pack(centroids)) {
            for (int b = 0; b < blocks.blocks(); b++) {
                Tensor block = blocks.load(b);
                int n = block.shape().dim(0);
                device.read(score(block, packed), blockLabels);
                device.read(block, x);
                device.read(scoreBuffer.view(n, k), scores);
                for (int i = 0; i < n; i++) {
                    double own = PointBlocks.squaredLength(x, i * channels, channels);
                    farthest.insert(own - 2.0 * scores[i * k + blockLabels[i]], x, i);
                }
            }
        }
        return farthest;
    }

    @Override
    public void close() {
        scoreBuffer.close();
        labelBuffer.close();
        sumBuffer.close();
        countBuffer.close();
    }
}
