package org.stegokernels.cluster;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** Mini-batches of points that all lie on the device. */
final class LocalBatches implements MiniBatchKMeans.Batches, AutoCloseable {
    private final Device device;
    private final GatheredPoints gathered;
    private final Metric metric;
    private final Tensor all;
    private final Tensor rows;
    private final Tensor labels;

    LocalBatches(Device device, GatheredPoints gathered, MiniBatchKMeans.Settings settings) {
        this.device = device;
        this.gathered = gathered;
        this.metric = settings.metric();
        int size = Math.min(settings.batch(), gathered.count());
        all = device.upload(gathered.values(), gathered.count(), gathered.origin().length);
        rows = device.allocate(ElementType.I32, Shape.of(size));
        labels = device.allocate(ElementType.I32, Shape.of(size));
        if (metric == Metric.COSINE) {
            device.kernels().normalize(all, MiniBatchKMeans.SHORTEST, all);
        }
    }

    @Override
    public int count() {
        return gathered.count();
    }

    @Override
    public void update(MiniBatchKMeans fit, int[] batch) {
        device.write(batch, rows.view(batch.length));
        fit.update(all, rows.view(batch.length), labels.view(batch.length));
    }

    @Override
    public float[] point(int index) {
        int channels = gathered.origin().length;
        return Arrays.copyOfRange(gathered.values(), index * channels, (index + 1) * channels);
    }

    @Override
    public MiniBatchKMeans.Totals assign(MiniBatchKMeans fit) {
        int count = gathered.count();
        try (Tensor everything = device.upload(IntStream.range(0, count).toArray(), count);
                Tensor clusters = device.allocate(ElementType.I32, Shape.of(count))) {
            return fit.assign(all, everything, clusters, metric == Metric.COSINE ? count : gathered.squaredLengths());
        }
    }

    @Override
    public void close() {
        all.close();
        rows.close();
        labels.close();
    }
}
