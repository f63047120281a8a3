package org.stegokernels.device.tornado;

import org.stegokernels.tensor.Tensor;

/** Launches of the kernel of this name. */
final class ClusterSums {
    private static final int CHUNK = 1024;

    /** Limit of the partial sums held at a time, in floats. */
    private static final int PARTIALS = 1 << 22;

    private final TornadoContext context;
    private final Sums sums;
    private final IndexCheck check;
    private final Workspace partials;

    ClusterSums(TornadoContext context, Sums sums, IndexCheck check) {
        this.context = context;
        this.sums = sums;
        this.check = check;
        this.partials = Workspace.floats(context, "partial sums of clusters");
    }

    void run(Tensor points, Tensor labels, Tensor clusterSums, Tensor counts) {
        int n = points.shape().dim(0);
        int clusters = counts.shape().size();
        int start = TornadoBuffer.start(labels);
        int bad = check.firstBad(start, n, clusters);
        if (bad >= 0) {
            throw new IllegalArgumentException("clusterSums: label " + context.readInt(start + bad) + " of point " + bad
                    + " is not in 0.." + (clusters - 1));
        }
        add(TornadoBuffer.start(points), start, n, clusterSums, counts);
    }

    /** The same for labels that are known to be right. */
    void add(int points, int labels, int n, Tensor clusterSums, Tensor counts) {
        int clusters = counts.shape().size();
        int size = clusterSums.shape().size();
        int channels = clusterSums.shape().dim(1);
        int chunks = (n + CHUNK - 1) / CHUNK;
        int wave = Math.max(1, Math.min(chunks, PARTIALS / Math.max(1, size)));
        int memory = partials.take((long) wave * size);
        for (int first = 0; first < chunks; first += wave) {
            int count = Math.min(wave, chunks - first);
            context.fill(memory, (long) count * size, 0f);
            context.call(Kernel.SUM_CHUNKS)
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
                    .items(Math.max(1, channels), count);
            sums.addChunks(memory, count, size, true, TornadoBuffer.start(clusterSums));
        }
    }
}
