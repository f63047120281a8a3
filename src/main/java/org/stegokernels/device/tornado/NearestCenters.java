package org.stegokernels.device.tornado;

import org.stegokernels.tensor.Tensor;

/** Launches of the kernels of this name, and of the linear layer, the argmax and the sums between them. */
final class NearestCenters {
    /** Limit of the points gathered at a time, in floats. */
    private static final int GATHERED = 1 << 23;

    private static final int LEAST_BLOCK = 1024;

    private final TornadoContext context;
    private final IndexCheck check;
    private final Linear linear;
    private final ClusterSums clusterSums;
    private final Workspace offsets;
    private final Workspace gathered;
    private final Workspace scores;

    NearestCenters(TornadoContext context, IndexCheck check, Linear linear, ClusterSums clusterSums) {
        this.context = context;
        this.check = check;
        this.linear = linear;
        this.clusterSums = clusterSums;
        this.offsets = Workspace.floats(context, "half the squares of centres");
        this.gathered = Workspace.floats(context, "points of a batch");
        this.scores = Workspace.floats(context, "scores of points");
    }

    void run(Tensor points, Tensor chosen, Tensor centers, Tensor labels, Tensor sums, Tensor counts) {
        requireInside(chosen, points.shape().dim(0));
        int clusters = centers.shape().dim(0);
        int channels = centers.shape().dim(1);
        int total = chosen.shape().size();
        int bias = offsets.take(clusters);
        context.call(Kernel.CENTER_OFFSETS)
                .with(centers)
                .with(clusters)
                .with(channels)
                .with(bias)
                .rows(clusters);
        Linear.Weights weights = Linear.Weights.of(TornadoBuffer.start(centers), bias, channels, clusters);
        context.fill(TornadoBuffer.start(sums), sums.shape().size(), 0f);
        context.fill(TornadoBuffer.start(counts), clusters, 0);
        int block = Math.max(1, Math.min(total, Math.max(LEAST_BLOCK, GATHERED / Math.max(clusters, channels))));
        int x = gathered.take((long) block * channels);
        int products = scores.take((long) block * clusters);
        for (int first = 0; first < total; first += block) {
            int count = Math.min(block, total - first);
            int found = TornadoBuffer.start(labels) + first;
            context.call(Kernel.GATHER_ROWS)
                    .with(points)
                    .with(TornadoBuffer.start(chosen) + first)
                    .with(count)
                    .with(channels)
                    .with(x)
                    .does(0, 2.0 * count * channels * Float.BYTES)
                    .rows(count);
            linear.run(x, weights, count, products);
            context.call(Kernel.ARGMAX)
                    .with(products)
                    .with(count)
                    .with(clusters)
                    .with(found)
                    .rows(count);
            clusterSums.add(x, found, count, sums, counts);
        }
    }

    private void requireInside(Tensor chosen, int points) {
        int start = TornadoBuffer.start(chosen);
        int bad = check.firstBad(start, chosen.shape().size(), points);
        if (bad >= 0) {
            throw new IllegalArgumentException("nearestCenters: row " + context.readInt(start + bad) + " at " + bad
                    + " is not in 0.." + (points - 1));
        }
    }
}
