package org.stegokernels.device.opencl;

import org.jocl.Pointer;
import org.jocl.cl_mem;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code cluster_sums.cl}. */
final class ClusterSums {
    private static final int CHUNK = 4096;

    /** Limit of the partial sums held at a time, in floats. */
    private static final int PARTIALS = 1 << 22;

    private final OpenClContext context;
    private final String options;
    private final Workspace partials;
    private final Workspace bad;

    ClusterSums(OpenClContext context) {
        this.context = context;
        this.options = context.tuning().rowOptions();
        this.partials = new Workspace(context, "partial sums of clusters");
        this.bad = new Workspace(context, "a flag");
    }

    void run(Tensor points, Tensor labels, Tensor sums, Tensor counts) {
        int n = points.shape().dim(0);
        int channels = points.shape().dim(1);
        int clusters = counts.shape().size();
        check(labels, n, clusters);
        int v = context.tuning().v();
        int size = sums.shape().size();
        int chunks = (n + CHUNK - 1) / CHUNK;
        int wave = Math.max(1, Math.min(chunks, PARTIALS / Math.max(1, size)));
        cl_mem memory = partials.floats((long) wave * size);
        for (int first = 0; first < chunks; first += wave) {
            int count = Math.min(wave, chunks - first);
            context.fill(memory, 0, 0, (long) count * size);
            call("sum_chunks")
                    .with(points)
                    .with(labels)
                    .with(n)
                    .with(channels)
                    .with(clusters)
                    .with(CHUNK)
                    .with(first)
                    .with(memory)
                    .with(counts)
                    .does(0, OpenClKernels.bytes(points))
                    .run(Math.max(1, (channels + v - 1) / v), count);
            call("add_chunks").with(memory).with(count).with(size).with(sums).run(size);
        }
    }

    private KernelCall call(String kernel) {
        return new KernelCall(context, "cluster_sums", kernel, options);
    }

    /** Waits for the labels: a wrong one would be written through. */
    private void check(Tensor labels, int n, int clusters) {
        cl_mem flag = bad.ints(1);
        context.fill(flag, n, 0, 1);
        call("check_labels").with(labels).with(n).with(clusters).with(flag).run(n);
        int[] first = new int[1];
        context.read(flag, 0, Integer.BYTES, Pointer.to(first));
        if (first[0] < n) {
            int[] label = new int[1];
            context.read(
                    ((OpenClBuffer) labels.buffer()).memory(),
                    (long) first[0] * Integer.BYTES,
                    Integer.BYTES,
                    Pointer.to(label));
            throw new IllegalArgumentException(
                    "clusterSums: label " + label[0] + " of point " + first[0] + " is not in 0.." + (clusters - 1));
        }
    }
}
