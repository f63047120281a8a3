package org.stegokernels.device.launch;

import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code cluster_sums}. */
final class ClusterSums {
    private static final int CHUNK = 1024;

    /** Limit of the partial sums held at a time, in floats. */
    private static final int PARTIALS = 1 << 22;

    private final Launcher launcher;
    private final Sums sums;
    private final IndexCheck check;
    private final Workspace partials;

    ClusterSums(Launcher launcher, Sums sums, IndexCheck check) {
        this.launcher = launcher;
        this.sums = sums;
        this.check = check;
        this.partials = Workspace.floats(launcher, "partial sums of clusters");
    }

    /** Waits for the labels: a wrong one would be written through. */
    void run(Tensor points, Tensor labels, Tensor clusterSums, Tensor counts) {
        int n = points.shape().dim(0);
        int clusters = counts.shape().size();
        int bad = check.firstBad(labels, 0, n, clusters);
        if (bad >= 0) {
            throw new IllegalArgumentException("clusterSums: label " + check.value(labels, bad) + " of point " + bad
                    + " is not in 0.." + (clusters - 1));
        }
        add(launcher.memory(points), launcher.memory(labels), n, clusterSums, counts);
    }

    /** As {@link #run}, for labels that are known to be right. */
    void add(Memory points, Memory labels, int n, Tensor clusterSums, Tensor counts) {
        int clusters = counts.shape().size();
        int size = clusterSums.shape().size();
        int channels = clusterSums.shape().dim(1);
        int chunks = (n + CHUNK - 1) / CHUNK;
        int wave = Math.max(1, Math.min(chunks, PARTIALS / Math.max(1, size)));
        Memory memory = partials.take((long) wave * size);
        for (int first = 0; first < chunks; first += wave) {
            int count = Math.min(wave, chunks - first);
            launcher.fill(memory, (long) count * size, 0f);
            launcher.launch("cluster_sums", "sum_chunks")
                    .with(points)
                    .with(labels)
                    .with(n)
                    .with(channels)
                    .with(clusters)
                    .with(CHUNK)
                    .with(first)
                    .with(memory)
                    .with(counts)
                    .does(0, (double) Math.min(n - first * CHUNK, count * CHUNK) * channels * Float.BYTES)
                    .overVectors(Math.max(1, channels), count);
            sums.addChunks(memory, count, size, true, launcher.memory(clusterSums));
        }
    }
}
