package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code nearest_centers.cl}, and of the linear layer, the argmax and the sums between them. */
final class NearestCenters {
    /** Limit of the points gathered at a time, in floats. */
    private static final int GATHERED = 1 << 23;

    private static final int LEAST_BLOCK = 1024;

    private final OpenClContext context;
    private final RowKernels rows;
    private final IndexCheck check;
    private final TrainedLinear linear;
    private final ClusterSums clusterSums;
    private final Workspace offsets;
    private final Workspace gathered;
    private final Workspace scores;
    private final Workspace found;

    NearestCenters(OpenClContext context, RowKernels rows, IndexCheck check, TrainedLinear linear) {
        this.context = context;
        this.rows = rows;
        this.check = check;
        this.linear = linear;
        this.clusterSums = new ClusterSums(context, rows);
        this.offsets = new Workspace(context, "half the squares of centres");
        this.gathered = new Workspace(context, "points of a batch");
        this.scores = new Workspace(context, "scores of points");
        this.found = new Workspace(context, "labels of points");
    }

    void run(Tensor points, Tensor chosen, Tensor centers, Tensor labels, Tensor sums, Tensor counts) {
        requireInside(chosen, points.shape().dim(0));
        int clusters = centers.shape().dim(0);
        int channels = centers.shape().dim(1);
        int total = chosen.shape().size();
        cl_mem bias = offsets.floats(clusters);
        rows.run(
                rows.call("nearest_centers", "center_offsets")
                        .with(centers)
                        .with(clusters)
                        .with(channels)
                        .with(bias),
                clusters);
        Panels.Source weights = Panels.Source.of(OpenClBuffer.memory(centers), bias, channels, clusters);
        context.fill(OpenClBuffer.memory(sums), 0, 0, sums.shape().size());
        context.fill(OpenClBuffer.memory(counts), 0, 0, clusters);
        int block = Math.max(1, Math.min(total, Math.max(LEAST_BLOCK, GATHERED / Math.max(clusters, channels))));
        cl_mem x = gathered.floats((long) block * channels);
        cl_mem products = scores.floats((long) block * clusters);
        cl_mem best = found.ints(block);
        for (int first = 0; first < total; first += block) {
            int count = Math.min(block, total - first);
            rows.run(
                    rows.call("nearest_centers", "gather_rows")
                            .with(points)
                            .with(chosen)
                            .with(first)
                            .with(count)
                            .with(channels)
                            .with(x)
                            .does(0, 2.0 * count * channels * Float.BYTES),
                    count);
            linear.forward(x, weights, count, products);
            rows.run(
                    rows.call("argmax", "argmax")
                            .with(products)
                            .with(count)
                            .with(clusters)
                            .with(best),
                    count);
            rows.call("nearest_centers", "put_labels")
                    .with(best)
                    .with(first)
                    .with(count)
                    .with(labels)
                    .run(count);
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
