package org.stegokernels.cluster;

import java.util.List;
import java.util.stream.IntStream;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.PartedPoints;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.MiniBatchKMeans.Totals;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** Mini-batches of points in parts: each part adds up those of a batch that it has, in the order of the batch. */
final class PartedBatches implements MiniBatchKMeans.Batches {
    private final PartedPoints points;
    private final Metric metric;
    private final float[] origin;

    PartedBatches(PartedPoints points, Metric metric, float[] origin) {
        this.points = points;
        this.metric = metric;
        this.origin = origin;
    }

    /**
     * Adds up points of a part by their nearest centres.
     *
     * @param rows which of all points; null for all of the part
     */
    private record Sums(Metric metric, float[] origin, float[] centers, int[] rows)
            implements PartedPoints.Task<Totals> {
        @Override
        public Totals run(Device device, Points part, int first) {
            int channels = part.channels();
            float[] values = values(part, first);
            int count = values.length / channels;
            int clusters = centers.length / channels;
            if (count == 0) {
                return new Totals(new float[centers.length], new int[clusters], 0);
            }
            for (int i = 0; i < values.length; i++) {
                values[i] -= origin[i % channels];
            }
            double own = metric == Metric.COSINE ? count : 0;
            for (int row = 0; row < values.length && metric == Metric.EUCLIDEAN; row += channels) {
                own += PointBlocks.squaredLength(values, row, channels);
            }
            try (Tensor x = device.upload(values, count, channels);
                    Tensor which = device.upload(IntStream.range(0, count).toArray(), count);
                    Tensor labels = device.allocate(ElementType.I32, Shape.of(count));
                    Tensor centres = device.upload(centers, clusters, channels);
                    Tensor sums = device.allocate(clusters, channels);
                    Tensor counts = device.allocate(ElementType.I32, Shape.of(clusters))) {
                if (metric == Metric.COSINE) {
                    device.kernels().normalize(x, MiniBatchKMeans.SHORTEST, x);
                }
                device.training().nearestCenters(x, which, centres, labels, sums, counts);
                return new Totals(device.floats(sums), device.ints(counts), own);
            }
        }

        private float[] values(Points part, int first) {
            GatheredPoints gathered = GatheredPoints.of(part, Metric.COSINE);
            if (rows == null) {
                return gathered.values().clone();
            }
            int channels = part.channels();
            int[] own = IntStream.of(rows)
                    .filter(row -> row >= first && row < first + gathered.count())
                    .toArray();
            float[] values = new float[own.length * channels];
            for (int i = 0; i < own.length; i++) {
                System.arraycopy(gathered.values(), (own[i] - first) * channels, values, i * channels, channels);
            }
            return values;
        }
    }

    @Override
    public int count() {
        return points.count();
    }

    @Override
    public void update(MiniBatchKMeans fit, int[] rows) {
        Totals totals = added(new Sums(metric, origin, fit.centers(), rows));
        fit.update(totals.sums(), totals.counts());
    }

    private Totals added(Sums task) {
        List<Totals> parts = points.each(task);
        float[] sums = new float[task.centers.length];
        int[] counts = new int[task.centers.length / points.channels()];
        double ownDistances = 0;
        for (Totals part : parts) {
            PartedAssignment.add(part.sums(), sums);
            PartedAssignment.add(part.counts(), counts);
            ownDistances += part.ownDistances();
        }
        return new Totals(sums, counts, ownDistances);
    }

    @Override
    public float[] point(int index) {
        float[] point = points.rows(new int[] {index});
        for (int c = 0; c < point.length; c++) {
            point[c] -= origin[c];
        }
        return point;
    }

    @Override
    public Totals assign(MiniBatchKMeans fit) {
        return added(new Sums(metric, origin, fit.centers(), null));
    }
}
