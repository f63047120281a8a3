package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code cluster_sums.cl}. */
final class ClusterSums {
    private static final int CHUNK = 1024;

    /** Limit of the partial sums held at a time, in floats. */
    private static final int PARTIALS = 1 << 22;

    private final OpenClContext context;
    private final RowKernels rows;
    private final IndexCheck check;
    private final Workspace partials;

    ClusterSums(OpenClContext context, RowKernels rows) {
        this.context = context;
        this.rows = rows;
        this.check = new IndexCheck(context, rows);
        this.partials = new Workspace(context, "partial sums of clusters");
    }

    /** Waits for the labels: a wrong one would be written through. */
    void run(Tensor points, Tensor labels, Tensor sums, Tensor counts) {
        int n = points.shape().dim(0);
        int clusters = counts.shape().size();
        int bad = check.firstBad(labels, 0, n, clusters);
        if (bad >= 0) {
            throw new IllegalArgumentException("clusterSums: label " + check.value(labels, bad) + " of point " + bad
                    + " is not in 0.." + (clusters - 1));
        }
        add(OpenClBuffer.memory(points), OpenClBuffer.memory(labels), n, sums, counts);
    }

    /** The same for labels that are known to be right. */
    void add(cl_mem points, cl_mem labels, int n, Tensor sums, Tensor counts) {
        int clusters = counts.shape().size();
        int size = sums.shape().size();
        int channels = sums.shape().dim(1);
        int chunks = (n + CHUNK - 1) / CHUNK;
        int wave = Math.max(1, Math.min(chunks, PARTIALS / Math.max(1, size)));
        cl_mem memory = partials.floats((long) wave * size);
        for (int first = 0; first < chunks; first += wave) {
            int count = Math.min(wave, chunks - first);
            context.fill(memory, 0, 0, (long) count * size);
            rows.call("cluster_sums", "sum_chunks")
                    .with(points)
                    .with(labels)
                    .with(n)
                    .with(channels)
                    .with(clusters)
                    .with(CHUNK)
                    .with(first)
                    .with(memory)
                    .with(counts)
                    .does(0, (double) count * CHUNK * channels * Float.BYTES)
                    .run(Math.max(1, rows.vectors(channels)), count);
            rows.addChunks(memory, count, size, true, OpenClBuffer.memory(sums));
        }
    }
}
