package org.stegokernels.device.launch;

import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations.Linear;
import org.stegokernels.device.launch.OwnOperations.RowMap;
import org.stegokernels.device.launch.OwnOperations.Weights;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code nearest_centers}, and of the linear layer, the argmax and the sums between them. */
final class NearestCenters {
    private static final String FAMILY = "nearest_centers";

    /** Limit of the points gathered at a time, in floats. */
    private static final int GATHERED = 1 << 23;

    private static final int LEAST_BLOCK = 1024;

    private final Launcher launcher;
    private final IndexCheck check;
    private final Linear linear;
    private final ClusterSums clusterSums;
    private final Workspace offsets;
    private final Workspace gathered;
    private final Workspace scores;
    private final Workspace found;

    NearestCenters(Launcher launcher, IndexCheck check, Linear linear, ClusterSums clusterSums) {
        this.launcher = launcher;
        this.check = check;
        this.linear = linear;
        this.clusterSums = clusterSums;
        this.offsets = Workspace.floats(launcher, "half the squares of centres");
        this.gathered = Workspace.floats(launcher, "points of a batch");
        this.scores = Workspace.floats(launcher, "scores of points");
        this.found = Workspace.ints(launcher, "labels of points");
    }

    void run(Tensor points, Tensor chosen, Tensor centers, Tensor labels, Tensor sums, Tensor counts) {
        requireInside(chosen, points.shape().dim(0));
        int clusters = centers.shape().dim(0);
        int channels = centers.shape().dim(1);
        int total = chosen.shape().size();
        Memory bias = offsets.take(clusters);
        launcher.launch(FAMILY, "center_offsets")
                .with(centers)
                .with(clusters)
                .with(channels)
                .with(bias)
                .overRows(clusters);
        launcher.fill(launcher.memory(sums), sums.shape().size(), 0f);
        launcher.fill(launcher.memory(counts), clusters, 0);
        int block = Math.max(1, Math.min(total, Math.max(LEAST_BLOCK, GATHERED / Math.max(clusters, channels))));
        Memory x = gathered.take((long) block * channels);
        Memory products = scores.take((long) block * clusters);
        Memory best = found.take(block);
        LinearWeights weights = linear.view(Weights.of(launcher.memory(centers), bias, channels, clusters));
        for (int first = 0; first < total; first += block) {
            int count = Math.min(block, total - first);
            launcher.launch(FAMILY, "gather_rows")
                    .with(points)
                    .with(chosen)
                    .with(first)
                    .with(count)
                    .with(channels)
                    .with(x)
                    .does(0, 2.0 * count * channels * Float.BYTES)
                    .overRows(count);
            linear.run(x, count, weights, Activation.NONE, null, RowMap.same(count), products);
            launcher.launch("argmax", "argmax")
                    .with(products)
                    .with(count)
                    .with(clusters)
                    .with(best)
                    .overRows(count);
            launcher.launch(FAMILY, "put_labels")
                    .with(best)
                    .with(first)
                    .with(count)
                    .with(labels)
                    .overItems(count);
            clusterSums.add(x, best, count, sums, counts);
        }
    }

    /** Waits for the numbers of the points. */
    private void requireInside(Tensor chosen, int points) {
        int bad = check.firstBad(chosen, 0, chosen.shape().size(), points);
        if (bad >= 0) {
            throw new IllegalArgumentException(
                    "nearestCenters: row " + check.value(chosen, bad) + " at " + bad + " is not in 0.." + (points - 1));
        }
    }
}
