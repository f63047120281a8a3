package org.stegokernels.cluster;

import java.util.Arrays;
import java.util.SplittableRandom;
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

    private KMeans() {}

    /**
     * Clusters the points.
     *
     * @throws ClusteringException if there are fewer distinct points than clusters, or a value that is not finite
     */
    public static Clustering fit(Device device, Points points, KMeansSettings settings) {
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
            Device device, Points points, KMeansSettings settings, PointBlocks blocks, float[] origin) {
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
     * Centres to start from, relative to the origin, chosen among a sample; if that has too few distinct points, among
     * distinct ones of all.
     *
     * @param count all points
     */
    static float[] start(
            Device device, Points points, KMeansSettings settings, int count, float[] origin, SplittableRandom random) {
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
            Device device, Points sample, KMeansSettings settings, float[] origin, SplittableRandom random) {
        try (PointBlocks blocks = new PointBlocks(device, sample, settings.metric(), origin)) {
            return Seeding.centres(device, blocks, settings.clusters(), random);
        }
    }

    static ClusteringException tooFew(int distinct, KMeansSettings settings) {
        return new ClusteringException("only " + distinct + " distinct points for " + settings.clusters()
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
                    throw new ClusteringException("point " + i / points.channels() + " of chunk " + index + " has "
                            + chunk[i] + " in channel " + i % points.channels());
                }
            }
        }
        throw new ClusteringException("the points are too large to be added up: " + Arrays.toString(sum));
    }
}
