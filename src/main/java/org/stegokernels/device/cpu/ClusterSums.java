package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.tensor.Tensor;

/**
 * Sums of the points of each cluster. Points are cut into chunks of a fixed size, each summed on its own and then added
 * in order: the result does not depend on the threads, and short sums keep float accurate.
 */
final class ClusterSums {
    private static final int CHUNK = 1024;

    /** Limit of the partial sums held at a time, in floats. */
    private static final int PARTIALS = 1 << 20;

    private final RowLanes lanes;
    private final Parallel parallel;
    private final Workspace workspace;

    ClusterSums(RowLanes lanes, Parallel parallel, Workspace workspace) {
        this.lanes = lanes;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    void run(Tensor points, Tensor labels, Tensor sums, Tensor counts) {
        int n = points.shape().dim(0);
        int[] label = CpuDevice.intArray(labels);
        count(label, n, CpuDevice.intArray(counts), counts.shape().dim(0));
        int size = sums.shape().size();
        if (size == 0) {
            return;
        }
        float[] total = CpuDevice.array(sums);
        int chunks = (n + CHUNK - 1) / CHUNK;
        int wave = Math.max(1, Math.min(chunks, PARTIALS / size));
        float[] partials = workspace.shared(wave * size);
        for (int firstChunk = 0; firstChunk < chunks; firstChunk += wave) {
            int first = firstChunk;
            int count = Math.min(wave, chunks - first);
            parallel.forEach(count, (index, worker) -> {
                int from = (first + index) * CHUNK;
                sumChunk(points, label, from, Math.min(n, from + CHUNK), partials, index * size, size);
            });
            RowBlocks.forEach(parallel, size, count, (at, length, worker) -> {
                for (int index = 0; index < count; index++) {
                    lanes.add(partials, index * size + at, length, total, at);
                }
            });
        }
    }

    private static void count(int[] label, int n, int[] counts, int clusters) {
        for (int i = 0; i < n; i++) {
            if (label[i] < 0 || label[i] >= clusters) {
                throw new IllegalArgumentException(
                        "clusterSums: label " + label[i] + " of point " + i + " is not in 0.." + (clusters - 1));
            }
        }
        for (int i = 0; i < n; i++) {
            counts[label[i]]++;
        }
    }

    private void sumChunk(Tensor points, int[] label, int from, int to, float[] partials, int offset, int size) {
        float[] x = CpuDevice.array(points);
        int channels = points.shape().dim(1);
        Arrays.fill(partials, offset, offset + size, 0f);
        for (int i = from; i < to; i++) {
            lanes.add(x, i * channels, channels, partials, offset + label[i] * channels);
        }
    }
}
