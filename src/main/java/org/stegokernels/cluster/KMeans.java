package org.stegokernels.cluster;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.ToDoubleFunction;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.PartedPoints;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.device.Device;

/**
 * K-means by Lloyd's iterations (Lloyd 1982) on a device, started by {@link Seeding}. A cluster that runs empty takes
 * the point farthest from its centre. The same points, settings and device give the same bits, whatever the chunks the
 * points come in and whatever the number of threads.
 */
public final class KMeans {
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
        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if a value is out of its range
         */
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

    /**
     * A number of clusters that the points themselves suggest: the one with the widest eigengap among those whose stability and
     * silhouette are both not in the lowest third. The eigengap finds the number of groups, but a wide one comes by
     * chance, too; stability and silhouette, which fall as numbers grow, only rule out.
     *
     * @param points number of points in the sample that was looked at
     * @param candidates by rising number of clusters
     * @param best what is suggested
     */
    public record Suggestion(int points, List<Candidate> candidates, Candidate best) {
        /** The smallest number of clusters that is looked at. */
        public static final int LEAST = 5;
        /** The largest number of clusters that is looked at; fewer where there are few points. */
        public static final int MOST = 40;
        /** Points that are looked at: with more the suggestion stays and the time grows. */
        public static final int SAMPLE = 4000;

        /**
         * A number of clusters and how well it fits.
         *
         * @param stability mean adjusted Rand index, over pairs of runs of k-means from different starts on different halves of
         *     the sample (Ben-Hur et al. 2002): 1 if all agree, 0 if no more than by chance
         * @param silhouette mean over the points of (b - a) / b, a and b being the distances, {@code 1 - cos}, from the nearest
         *     centre and the next (the simplified silhouette, Vendramin et al. 2010): 0 to 1
         * @param eigengap gap behind the eigenvalue of this number in the normalised Laplacian of the graph of nearest
         *     neighbours (von Luxburg 2007)
         */
        public record Candidate(int clusters, double stability, double silhouette, double eigengap) {}

        /** Applies the rule; of equal gaps, the smaller number wins. */
        public static Suggestion of(int points, List<Candidate> candidates) {
            List<Candidate> kept = List.copyOf(candidates);
            return new Suggestion(points, kept, widestFirst(kept).get(0));
        }

        /** Returns the numbers that neither stability nor silhouette rule out, at least a third of all. */
        private static List<Candidate> widestFirst(List<Candidate> candidates) {
            double stable = lowestThird(candidates, Candidate::stability);
            double separate = lowestThird(candidates, Candidate::silhouette);
            return candidates.stream()
                    .filter(each -> each.stability() >= stable && each.silhouette() >= separate)
                    .sorted(Comparator.comparingDouble(Candidate::eigengap).reversed())
                    .toList();
        }

        /** Returns the smallest value that is not in the lowest third. */
        private static double lowestThird(List<Candidate> candidates, ToDoubleFunction<Candidate> criterion) {
            return candidates.stream().mapToDouble(criterion).sorted().toArray()[candidates.size() / 3];
        }

        /** Returns the numbers that come next by the same rule, the best first. */
        public List<Integer> alternatives() {
            return widestFirst(candidates).stream()
                    .skip(1)
                    .limit(2)
                    .map(Candidate::clusters)
                    .toList();
        }

        /** Returns in words why this number is suggested. */
        public String reason() {
            return String.format(
                    Locale.ROOT,
                    "the widest eigengap (%.3f) of those %d numbers from %d to %d that neither stability (here %.2f) nor"
                            + " silhouette (here %.2f) has in its lowest third",
                    best.eigengap(),
                    widestFirst(candidates).size(),
                    candidates.get(0).clusters(),
                    candidates.get(candidates.size() - 1).clusters(),
                    best.stability(),
                    best.silhouette());
        }
    }

    private KMeans() {}

    /**
     * Suggests a number of clusters for points that are compared by the cosine, from {@link Suggestion#LEAST} to {@link
     * Suggestion#MOST}. It looks at {@link Suggestion#SAMPLE} of them and takes seconds. Equal seeds give equal suggestions on
     * the same device.
     *
     * @param progress called with the number of candidates that are measured
     * @throws Clustering.ImpossibleException if there are fewer than 50 points or 5 distinct ones, or a value that is not
     *     finite
     */
    public static Suggestion suggest(Device device, Points points, long seed, IntConsumer progress) {
        return NumberOfClusters.suggest(device, points, seed, progress);
    }

    /**
     * Clusters the points.
     *
     * @throws Clustering.ImpossibleException if there are fewer distinct points than clusters, or a value that is not finite
     */
    public static Clustering fit(Device device, Points points, Settings settings) {
        return fit(device, points, settings, null);
    }

    /**
     * Clusters the points from given first centres, in one run.
     *
     * @param first {@code [clusters, C]}, or null to choose them
     * @throws Clustering.ImpossibleException as {@link #fit(Device, Points, Settings)}
     */
    public static Clustering fit(Device device, Points points, Settings settings, float[] first) {
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
            try (BlockAssignment assignable =
                    new BlockAssignment(device, blocks, settings.metric(), settings.clusters())) {
                if (first != null) {
                    return moved(new Lloyd(assignable, settings).run(without(origin, first)), origin);
                }
                Start start = new Start(device, settings, origin);
                return best(assignable, settings, origin, random -> start.among(points, blocks.count(), random));
            }
        }
    }

    /**
     * As the other, of points in parts: sums are added in the order of the parts, so that for the same parts the bits don't
     * depend on which of them ends first, and for one part are those of the other.
     *
     * @param device on which the start is chosen
     */
    public static Clustering fit(Device device, PartedPoints points, Settings settings) {
        if (points.count() < settings.clusters()) {
            throw tooFew(points.count(), settings);
        }
        float[] origin = PartedAssignment.sum(points, settings.metric());
        requireFinite(origin);
        for (int c = 0; c < origin.length; c++) {
            origin[c] = settings.metric() == Metric.EUCLIDEAN ? origin[c] / points.count() : 0;
        }
        Start start = new Start(device, settings, origin);
        Lloyd.Assignable assignable = new PartedAssignment(points, settings.metric(), settings.clusters(), origin);
        return best(assignable, settings, origin, random -> start.among(points, random));
    }

    private static Clustering best(
            Lloyd.Assignable points, Settings settings, float[] origin, Function<SplittableRandom, float[]> start) {
        SplittableRandom random = new SplittableRandom(settings.seed());
        Lloyd lloyd = new Lloyd(points, settings);
        Clustering best = null;
        for (int run = 0; run < settings.restarts(); run++) {
            Clustering found = lloyd.run(start.apply(random.split()));
            best = best == null || found.inertia() < best.inertia() ? found : best;
        }
        return moved(best, origin);
    }

    private static Clustering moved(Clustering found, float[] origin) {
        for (int i = 0; i < found.centroids().length; i++) {
            found.centroids()[i] += origin[i % origin.length];
        }
        return found;
    }

    private static float[] without(float[] origin, float[] centres) {
        float[] relative = centres.clone();
        for (int i = 0; i < relative.length; i++) {
            relative[i] -= origin[i % origin.length];
        }
        return relative;
    }

    static Clustering.ImpossibleException tooFew(int distinct, Settings settings) {
        return new Clustering.ImpossibleException("only " + distinct + " distinct points for " + settings.clusters()
                + " clusters: ask for fewer clusters, or give more images");
    }

    static void requireFinite(float[] sum, Points points) {
        for (int index = 0; index < points.chunks() && !isFinite(sum); index++) {
            float[] chunk = points.chunk(index);
            for (int i = 0; i < chunk.length; i++) {
                if (!Float.isFinite(chunk[i])) {
                    throw new Clustering.ImpossibleException("point " + i / points.channels() + " of chunk " + index
                            + " has " + chunk[i] + " in channel " + i % points.channels());
                }
            }
        }
        requireFinite(sum);
    }

    static void requireFinite(float[] sum) {
        if (!isFinite(sum)) {
            throw new Clustering.ImpossibleException(
                    "the points are too large to be added up: " + Arrays.toString(sum));
        }
    }

    private static boolean isFinite(float[] sum) {
        boolean finite = true;
        for (float value : sum) {
            finite &= Float.isFinite(value);
        }
        return finite;
    }
}
