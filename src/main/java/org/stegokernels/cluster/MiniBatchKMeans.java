package org.stegokernels.cluster;

import java.io.Serializable;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.PartedPoints;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * Mini-batch k-means (Sculley 2010): each centre is the running mean of all points that ever were nearest to it. For
 * {@link Metric#COSINE} points have length 1 and are compared with the direction of that mean. One thread at a time.
 */
public final class MiniBatchKMeans implements AutoCloseable {
    static final float SHORTEST = 1e-12f;

    private final Device device;
    private final Kernels basics;
    private final TrainingKernels kernels;
    private final Metric metric;
    private final Tensor means;
    private final Tensor centers;
    private final Tensor totals;
    private final Tensor sums;
    private final Tensor counts;

    /**
     * Settings of mini-batch k-means.
     *
     * @param clusters k
     * @param seed equal seeds give equal bits on the same device
     * @param passes how often each point is seen
     * @param batch points in a mini-batch
     */
    public record Settings(int clusters, Metric metric, long seed, int passes, int batch) {
        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if a value is out of its range
         */
        public Settings {
            if (clusters < 1 || passes < 1 || batch < 1) {
                throw new IllegalArgumentException(
                        "mini-batch k-means needs at least 1 cluster, 1 pass and 1 point, not " + clusters + ", "
                                + passes + " and " + batch);
            }
        }
    }

    /**
     * Starts from given centres, none of which has seen a point yet.
     *
     * @param start {@code [k, C]}
     */
    public MiniBatchKMeans(Device device, Metric metric, float[] start, int clusters) {
        int channels = start.length / clusters;
        this.device = device;
        this.basics = device.kernels();
        this.kernels = device.training();
        this.metric = metric;
        this.means = device.upload(start, clusters, channels);
        this.centers = metric == Metric.COSINE ? device.allocate(clusters, channels) : means;
        this.totals = device.allocate(ElementType.I32, Shape.of(clusters));
        this.sums = device.allocate(clusters, channels);
        this.counts = device.allocate(ElementType.I32, Shape.of(clusters));
        direct();
    }

    /**
     * Assigns the points of one mini-batch, then moves the means.
     *
     * @param points {@code [N, C]}; of length 1 for {@link Metric#COSINE}
     * @param rows {@code [M]}, I32: which of them
     * @param labels {@code [M]}, I32: receives their clusters
     */
    public void update(Tensor points, Tensor rows, Tensor labels) {
        kernels.nearestCenters(points, rows, centers, labels, sums, counts);
        kernels.runningMeans(sums, counts, totals, means);
        direct();
    }

    private void direct() {
        if (metric == Metric.COSINE) {
            basics.normalize(means, SHORTEST, centers);
        }
    }

    /** Returns a copy of the centres, {@code [k, C]}; of length 1 for {@link Metric#COSINE}. */
    public float[] centers() {
        return device.floats(centers);
    }

    /** Returns the number of points that each centre is the mean of. */
    public int[] totals() {
        return device.ints(totals);
    }

    /** All points, wherever they are: relative to their origin, and of length 1 for {@link Metric#COSINE}. */
    interface Batches {
        int count();

        /** Moves the means by the points of one mini-batch. */
        void update(MiniBatchKMeans fit, int[] rows);

        /** Returns a copy of one point. */
        float[] point(int index);

        /** Assigns all points once more. */
        Totals assign(MiniBatchKMeans fit);
    }

    /**
     * Sums over the points of each cluster.
     *
     * @param sums {@code [k, C]}
     * @param counts {@code [k]}
     * @param ownDistances sum over all points of their own part of the distance: the squared length, or 1
     */
    record Totals(float[] sums, int[] counts, double ownDistances) implements Serializable {}

    /**
     * Clusters points from a k-means++ start, going through them in a new random order in each pass. A cluster that no
     * point of a pass was nearest to is put on a random point. The same points and settings give the same bits.
     *
     * @throws Clustering.ImpossibleException if there are fewer distinct points than clusters, a value that is not finite, or more
     *     values than one tensor holds
     */
    public static Clustering fit(Device device, Points points, Settings settings) {
        SplittableRandom random = new SplittableRandom(settings.seed());
        GatheredPoints gathered = GatheredPoints.of(points, settings.metric());
        Start start = start(device, settings, gathered.count(), gathered.origin());
        float[] centres = start.among(points, gathered.count(), random);
        try (LocalBatches batches = new LocalBatches(device, gathered, settings);
                MiniBatchKMeans fit = new MiniBatchKMeans(device, settings.metric(), centres, settings.clusters())) {
            int steps = fit.passes(batches, settings, random);
            Totals totals = batches.assign(fit);
            KMeans.requireFinite(totals.sums, points);
            return fit.evaluated(totals, gathered.origin(), steps);
        }
    }

    /**
     * As the other, of points in parts: sums are added in the order of the parts, so that for the same parts the bits don't
     * depend on which of them ends first, and for one part are those of the other. Each mini-batch is one task for all parts.
     *
     * @param device on which the start is chosen and the means are moved
     */
    public static Clustering fit(Device device, PartedPoints points, Settings settings) {
        SplittableRandom random = new SplittableRandom(settings.seed());
        float[] origin = settings.metric() == Metric.COSINE
                ? new float[points.channels()]
                : GatheredPoints.mean(points.rows(GatheredPoints.spread(points.count())), points.channels());
        Start start = start(device, settings, points.count(), origin);
        float[] centres = start.among(points, random);
        PartedBatches batches = new PartedBatches(points, settings.metric(), origin);
        try (MiniBatchKMeans fit = new MiniBatchKMeans(device, settings.metric(), centres, settings.clusters())) {
            int steps = fit.passes(batches, settings, random);
            Totals totals = batches.assign(fit);
            KMeans.requireFinite(totals.sums);
            return fit.evaluated(totals, origin, steps);
        }
    }

    private static Start start(Device device, Settings settings, int count, float[] origin) {
        KMeans.Settings start = KMeans.Settings.of(settings.clusters(), settings.metric(), settings.seed());
        if (count < settings.clusters()) {
            throw KMeans.tooFew(count, start);
        }
        return new Start(device, start, origin);
    }

    /** Moves the means by the sums of the points of one mini-batch. */
    void update(float[] batchSums, int[] batchCounts) {
        device.write(batchSums, sums);
        device.write(batchCounts, counts);
        kernels.runningMeans(sums, counts, totals, means);
        direct();
    }

    private int passes(Batches points, Settings settings, SplittableRandom random) {
        int count = points.count();
        int size = Math.min(settings.batch(), count);
        int[] order = IntStream.range(0, count).toArray();
        int batches = 0;
        int[] before = totals();
        for (int pass = 0; pass < settings.passes(); pass++) {
            Sample.shuffle(order, random);
            for (int first = 0; first < count; first += size) {
                points.update(this, Arrays.copyOfRange(order, first, Math.min(count, first + size)));
                batches++;
            }
            if (pass + 1 < settings.passes()) {
                before = reseeded(before, points, random);
            }
        }
        return batches;
    }

    /** Puts each cluster that got no point since {@code before} on a random one, as if new. Returns the totals. */
    private int[] reseeded(int[] before, Batches points, SplittableRandom random) {
        int[] after = totals();
        float[] moved = null;
        int channels = means.shape().dim(1);
        for (int c = 0; c < after.length; c++) {
            if (after[c] == before[c]) {
                moved = moved == null ? device.floats(means) : moved;
                System.arraycopy(points.point(random.nextInt(points.count())), 0, moved, c * channels, channels);
                after[c] = 0;
            }
        }
        if (moved != null) {
            device.write(moved, means);
            device.write(after, totals);
            direct();
        }
        return after;
    }

    /** Assigns points to the centres without moving the means. */
    Totals assign(Tensor points, Tensor rows, Tensor labels, double ownDistances) {
        kernels.nearestCenters(points, rows, centers, labels, sums, counts);
        return new Totals(device.floats(sums), device.ints(counts), ownDistances);
    }

    /** Returns the result: inertia is {@code sum x^2 - sum_c (2 c S_c - n_c c^2)}, S being sums of points. */
    private Clustering evaluated(Totals totals, float[] origin, int batches) {
        float[] found = centers();
        int channels = origin.length;
        double inertia = totals.ownDistances;
        for (int i = 0; i < found.length; i++) {
            double product = (double) found[i] * totals.sums[i];
            double square = (double) found[i] * found[i];
            inertia -= metric == Metric.COSINE ? product : 2 * product - totals.counts[i / channels] * square;
        }
        for (int i = 0; i < found.length; i++) {
            found[i] += origin[i % channels];
        }
        return new Clustering(channels, found, Math.max(0, inertia), totals.counts, batches);
    }

    @Override
    public void close() {
        means.close();
        centers.close();
        totals.close();
        sums.close();
        counts.close();
    }
}
