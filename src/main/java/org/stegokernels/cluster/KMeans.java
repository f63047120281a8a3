package org.stegokernels.cluster;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.device.Device;

/**
 * k-means by Lloyd's iterations (Lloyd 1982) on a device, started by {@link Seeding}. A cluster that runs empty takes
 * the point farthest from its centre. The same points, settings and device give the same bits, whatever the chunks the
 * points come in and whatever the number of threads.
 */
public final class KMeans {
    /** Points that the start is chosen among: enough for each cluster to be seen, few enough to go through k times. */
    private static final int SAMPLE = PointBlocks.ROWS;

    private static final int SAMPLE_PER_CLUSTER = 32;

    /**
     * Settings of k-means.
     *
     * @param clusters k
     * @param seed equal seeds give equal bits on the same device
     * @param maxIterations updates of the centres at most
     * @param tolerance stop when an update lowers the inertia by less than this part of it; with 0, only when no point
     *     changes its cluster
     * @param restarts independent runs, of which the one of lowest inertia is kept
     */
    public record Settings(int clusters, Metric metric, long seed, int maxIterations, double tolerance, int restarts) {
        public Settings {
            if (clusters < 1 || maxIterations < 0 || !(tolerance >= 0) || restarts < 1) {
                throw new IllegalArgumentException(
                        "k-means needs at least 1 cluster, 0 iterations, tolerance 0 and 1 run," + " not " + clusters
                                + ", " + maxIterations + ", " + tolerance + " and " + restarts);
            }
        }

        /** Returns settings for one run of at most 100 iterations, until an update gains less than 1e-4. */
        public static Settings of(int clusters, Metric metric, long seed) {
            return new Settings(clusters, metric, seed, 100, 1e-4, 1);
        }
    }

    private KMeans() {}

    /**
     * Clusters the points.
     *
     * @throws Clustering.ImpossibleException if there are fewer distinct points than clusters, or a value that is not finite
     */
    public static Clustering fit(Device device, Points points, Settings settings) {
        float[] origin = new float[points.channels()];
        try (PointBlocks blocks = new PointBlocks(device, points, settings.metric(), origin)) {
            if (blocks.count() < settings.clusters()) {
                throw tooFew(blocks.count(), settings);
            }
            float[] sum = blocks.sum();
            requireFinite(sum, points);
            if (settings.metric() == Metric.EUCLIDEAN) {
                for (int c = 0; c < origin.length; c++) {
                    origin[c] = sum[c] / blocks.count();
                }
                blocks.reload();
            }
            return best(device, points, settings, blocks, origin);
        }
    }

    private static Clustering best(
            Device device, Points points, Settings settings, PointBlocks blocks, float[] origin) {
        SplittableRandom random = new SplittableRandom(settings.seed());
        Clustering best = null;
        try (Lloyd lloyd = new Lloyd(device, blocks, settings)) {
            for (int run = 0; run < settings.restarts(); run++) {
                float[] start = start(device, points, settings, blocks.count(), origin, random.split());
                Clustering found = lloyd.run(start);
                best = best == null || found.inertia() < best.inertia() ? found : best;
            }
        }
        for (int i = 0; i < best.centroids().length; i++) {
            best.centroids()[i] += origin[i % origin.length];
        }
        return best;
    }

    /**
     * Chooses centres to start from, relative to the origin, chosen among a sample; if that has too few distinct points, among
     * distinct ones of all.
     *
     * @param count all points
     */
    static float[] start(
            Device device, Points points, Settings settings, int count, float[] origin, SplittableRandom random) {
        int k = settings.clusters();
        int wanted = (int) Math.min(count, Math.max(SAMPLE, (long) SAMPLE_PER_CLUSTER * k));
        Points uniform = Sample.uniform(points, count, wanted, random);
        float[] centres = seed(device, uniform, settings, origin, random);
        if (centres.length < k * points.channels()) {
            centres = seed(device, Sample.distinct(points, wanted), settings, origin, random);
        }
        if (centres.length < k * points.channels()) {
            throw tooFew(centres.length / points.channels(), settings);
        }
        return centres;
    }

    private static float[] seed(
            Device device, Points sample, Settings settings, float[] origin, SplittableRandom random) {
        try (PointBlocks blocks = new PointBlocks(device, sample, settings.metric(), origin)) {
            return Seeding.centres(device, blocks, settings.clusters(), random);
        }
    }

    static Clustering.ImpossibleException tooFew(int distinct, Settings settings) {
        return new Clustering.ImpossibleException("only " + distinct + " distinct points for " + settings.clusters()
                + " clusters: ask for fewer clusters, or give more images");
    }

    static void requireFinite(float[] sum, Points points) {
        boolean finite = true;
        for (float value : sum) {
            finite &= Float.isFinite(value);
        }
        if (finite) {
            return;
        }
        for (int index = 0; index < points.chunks(); index++) {
            float[] chunk = points.chunk(index);
            for (int i = 0; i < chunk.length; i++) {
                if (!Float.isFinite(chunk[i])) {
                    throw new Clustering.ImpossibleException("point " + i / points.channels() + " of chunk " + index
                            + " has " + chunk[i] + " in channel " + i % points.channels());
                }
            }
        }
        throw new Clustering.ImpossibleException("the points are too large to be added up: " + Arrays.toString(sum));
    }
}
