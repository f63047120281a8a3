package org.stegokernels.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.KMeans.Suggestion;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;

/**
 * The measurements behind {@link KMeans#suggest}, on a sample of points. For each number of clusters k-means runs several
 * times, each time from another start on another random half of the sample, and gives all of the sample their clusters.
 */
final class NumberOfClusters implements AutoCloseable {
    private static final int RUNS = 6;
    /** With fewer points for each cluster, nothing repeats itself. */
    private static final int POINTS_PER_CLUSTER = 10;

    private static final float NORM_EPSILON = 1e-12f;

    private final Device device;
    private final float[] sample;
    private final int channels;
    private final int count;
    private final SplittableRandom random;
    private final Tensor points;

    /** A run of k-means: the cluster of each point of the sample, and the mean silhouette. */
    private record Run(int[] clusters, double silhouette) {}

    private NumberOfClusters(Device device, float[] sample, int channels, SplittableRandom random) {
        this.device = device;
        this.sample = sample;
        this.channels = channels;
        this.count = sample.length / channels;
        this.random = random;
        points = device.upload(sample, count, channels);
        device.kernels().normalize(points, NORM_EPSILON, points);
    }

    /** Implements {@link KMeans#suggest}. */
    static Suggestion suggest(Device device, Points points, long seed, IntConsumer progress) {
        int all = 0;
        for (int i = 0; i < points.chunks(); i++) {
            all = Math.addExact(all, points.chunk(i).length / points.channels());
        }
        int most = Math.min(Suggestion.MOST, Math.min(all, Suggestion.SAMPLE) / POINTS_PER_CLUSTER);
        if (most < Suggestion.LEAST) {
            throw new Clustering.ImpossibleException("no number of clusters shows itself among " + all + " patches, "
                    + POINTS_PER_CLUSTER * Suggestion.LEAST + " are the least: give more images");
        }
        SplittableRandom random = new SplittableRandom(seed);
        float[] sample = Sample.rows(points, Sample.indices(all, Math.min(all, Suggestion.SAMPLE), random));
        KMeans.requireFinite(sample, points);
        try (NumberOfClusters search = new NumberOfClusters(device, sample, points.channels(), random)) {
            return Suggestion.of(search.count, search.candidates(most, progress));
        }
    }

    private List<Suggestion.Candidate> candidates(int most, IntConsumer progress) {
        double[] gaps = Eigengap.gaps(device, sample, channels, random);
        List<Suggestion.Candidate> candidates = new ArrayList<>();
        for (int clusters = Suggestion.LEAST; clusters <= most; clusters++) {
            try {
                candidates.add(candidate(clusters, gaps[clusters]));
            } catch (Clustering.ImpossibleException tooFewDistinct) {
                if (candidates.isEmpty()) {
                    throw new Clustering.ImpossibleException(
                            "no number of clusters shows itself: " + tooFewDistinct.getMessage());
                }
                // There are no more distinct points than the last candidate has clusters.
                break;
            }
            progress.accept(candidates.size());
        }
        return candidates;
    }

    private Suggestion.Candidate candidate(int clusters, double gap) {
        List<Run> runs = new ArrayList<>();
        double agreement = 0;
        double silhouette = 0;
        for (int r = 0; r < RUNS; r++) {
            Run run = run(clusters, random.split());
            for (Run earlier : runs) {
                agreement += adjustedRandIndex(earlier.clusters(), run.clusters(), clusters);
            }
            silhouette += run.silhouette();
            runs.add(run);
        }
        return new Suggestion.Candidate(clusters, agreement / (RUNS * (RUNS - 1) / 2), silhouette / RUNS, gap);
    }

    private Run run(int clusters, SplittableRandom random) {
        int[] half = Sample.indices(count, count / 2, random);
        Points some = Points.of(List.of(Sample.rows(Points.of(List.of(sample), channels), half)), channels);
        KMeans.Settings settings = KMeans.Settings.of(clusters, Metric.COSINE, random.nextLong());
        float[] centres = KMeans.fit(device, some, settings).centroids();
        float[] cosines = new float[count * clusters];
        try (Tensor weight = device.upload(centres, clusters, channels);
                LinearWeights packed = device.kernels().packLinear(weight, null);
                Tensor products = device.allocate(count, clusters)) {
            device.kernels().linear(points, packed, Activation.NONE, null, products);
            device.read(products, cosines);
        }
        int[] nearest = new int[count];
        double silhouette = 0;
        for (int i = 0; i < count; i++) {
            int first = 0;
            double second = Double.NEGATIVE_INFINITY;
            for (int c = 1; c < clusters; c++) {
                double cosine = cosines[i * clusters + c];
                double best = cosines[i * clusters + first];
                second = Math.max(second, Math.min(best, cosine));
                first = cosine > best ? c : first;
            }
            nearest[i] = first;
            double own = cosines[i * clusters + first];
            silhouette += second < 1 ? (own - second) / (1 - second) : 0;
        }
        return new Run(nearest, silhouette / count);
    }

    /** Returns the agreement of two clusterings, corrected for chance: 1 for the same (Hubert and Arabie 1985). */
    static double adjustedRandIndex(int[] a, int[] b, int clusters) {
        long[][] both = new long[clusters][clusters];
        long[] ofA = new long[clusters];
        long[] ofB = new long[clusters];
        for (int i = 0; i < a.length; i++) {
            both[a[i]][b[i]]++;
            ofA[a[i]]++;
            ofB[b[i]]++;
        }
        double together =
                Arrays.stream(both).mapToDouble(NumberOfClusters::pairs).sum();
        double pairsOfA = pairs(ofA);
        double pairsOfB = pairs(ofB);
        double byChance = pairsOfA * pairsOfB / (a.length * (a.length - 1.0) / 2);
        double most = (pairsOfA + pairsOfB) / 2;
        return most == byChance ? 1 : (together - byChance) / (most - byChance);
    }

    private static double pairs(long[] counts) {
        return Arrays.stream(counts).mapToDouble(n -> n * (n - 1.0) / 2).sum();
    }

    @Override
    public void close() {
        points.close();
    }
}
