package org.stegokernels.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.stego.SegmentationHead;
import org.stegokernels.tensor.Tensor;

/**
 * Shares of the clusters of a model in training in some of its images, which need no labels. Every patch belongs
 * to the cluster with the largest cosine.
 *
 * @param images number of images that were surveyed
 * @param patches how many patches each cluster has
 * @param typical for each cluster the patches nearest to its centre, the nearest first; at most {@link #TYPICAL}, of as
 *     many images as possible
 * @param labels the cluster of each surveyed patch, image by image and row by row
 */
public record ClusterSurvey(int images, List<Long> patches, List<List<Patch>> typical, List<Integer> labels) {
    /** Typical patches of a cluster. */
    public static final int TYPICAL = 12;

    /** A cluster with a larger share of the patches than this has swallowed the others. */
    public static final double COLLAPSED = 0.8;

    private static final int MAX_IMAGES = 64;
    private static final int ROUND = 8;
    /** Shorter vectors are not stretched to length 1: PyTorch's bound. */
    private static final float NORM_EPSILON = 1e-12f;

    /**
     * A place in an image.
     *
     * @param image number of the example
     * @param row of the patch, from 0
     * @param column of the patch, from 0
     * @param cosine of its code and the centre of its cluster
     */
    public record Patch(int image, int row, int column, float cosine) {}

    /** Copies the lists. */
    public ClusterSurvey {
        patches = List.copyOf(patches);
        typical = List.copyOf(typical);
        labels = List.copyOf(labels);
    }

    /** Surveys up to 64 examples, evenly spread; changes nothing. */
    static ClusterSurvey of(TrainingExamples examples, TrainedParts parts) {
        Device device = parts.device();
        int clusters = parts.clusters().shape().dim(0);
        int dim = parts.clusters().shape().dim(1);
        int perImage = examples.rows() * examples.columns();
        int[] images = spread(examples.size());
        Tally tally = new Tally(clusters, examples.columns());
        HostBatch host = new HostBatch();
        try (Tensor features = device.allocate(ROUND * perImage, examples.channels());
                Tensor code = device.allocate(ROUND * perImage, dim);
                Tensor centres = device.allocate(clusters, dim);
                Tensor cosines = device.allocate(ROUND * perImage, clusters)) {
            device.kernels().normalize(parts.clusters(), NORM_EPSILON, centres);
            for (int first = 0; first < images.length; first += ROUND) {
                int[] drawn = new int[ROUND];
                for (int i = 0; i < ROUND; i++) {
                    // The last round is filled up, for batches are all of one size.
                    drawn[i] = images[Math.min(first + i, images.length - 1)];
                }
                host.begin(new StepDraw(0, 0, drawn), examples);
                examples.prepare(host);
                examples.complete(host);
                device.write(host.features, features);
                parts.code(features, code);
                float[] all = cosines(device, code, centres, cosines);
                for (int i = 0; i < ROUND && first + i < images.length; i++) {
                    tally.add(drawn[i], all, i * perImage, perImage);
                }
            }
        }
        return tally.survey(images.length);
    }

    /**
     * Surveys clusters of cached features or their codes, in up to 64 images, evenly spread.
     *
     * @param head that makes the codes; null if the clusters are of the features
     */
    public static ClusterSurvey of(Device device, FeatureCache cache, SegmentationHead head, Clustering clustering) {
        int clusters = clustering.counts().length;
        int dim = clustering.channels();
        int perImage = cache.height() * cache.width();
        int[] images = spread(cache.size());
        Tally tally = new Tally(clusters, cache.width());
        float[] features = new float[perImage * cache.channels()];
        try (Tensor code = device.allocate(perImage, dim);
                Tensor centres = device.upload(clustering.centroids(), clusters, dim);
                Tensor cosines = device.allocate(perImage, clusters)) {
            device.kernels().normalize(centres, NORM_EPSILON, centres);
            for (int image : images) {
                cache.features(image, features, 0);
                device.write(head == null ? features : head.codes(features), code);
                tally.add(image, cosines(device, code, centres, cosines), 0, perImage);
            }
        }
        return tally.survey(images.length);
    }

    private static int[] spread(int size) {
        int[] images = new int[Math.min(MAX_IMAGES, size)];
        Arrays.setAll(images, i -> (int) ((long) i * size / images.length));
        return images;
    }

    /** @param code {@code [n, D]}; overwritten */
    private static float[] cosines(Device device, Tensor code, Tensor centres, Tensor out) {
        device.kernels().normalize(code, NORM_EPSILON, code);
        device.training().linear(code, centres, null, Activation.NONE, null, out);
        return device.floats(out);
    }

    /** Counts patches and keeps the best of each image and cluster. */
    private static final class Tally {
        private final int columns;
        private final long[] patches;
        private final List<List<Ranked>> candidates = new ArrayList<>();
        private final List<Integer> labels = new ArrayList<>();

        /** @param rank from 0 among the patches of the same image and cluster */
        private record Ranked(Patch patch, int rank) {}

        Tally(int clusters, int columns) {
            this.columns = columns;
            this.patches = new long[clusters];
            for (int cluster = 0; cluster < clusters; cluster++) {
                candidates.add(new ArrayList<>());
            }
        }

        void add(int image, float[] cosines, int firstPatch, int count) {
            List<List<Patch>> own = new ArrayList<>();
            for (int cluster = 0; cluster < patches.length; cluster++) {
                own.add(new ArrayList<>());
            }
            for (int i = 0; i < count; i++) {
                int from = (firstPatch + i) * patches.length;
                int best = 0;
                for (int cluster = 1; cluster < patches.length; cluster++) {
                    best = cosines[from + cluster] > cosines[from + best] ? cluster : best;
                }
                patches[best]++;
                labels.add(best);
                own.get(best).add(new Patch(image, i / columns, i % columns, cosines[from + best]));
            }
            for (int cluster = 0; cluster < patches.length; cluster++) {
                List<Patch> sorted = own.get(cluster);
                sorted.sort(nearestFirst());
                for (int rank = 0; rank < Math.min(TYPICAL, sorted.size()); rank++) {
                    candidates.get(cluster).add(new Ranked(sorted.get(rank), rank));
                }
            }
        }

        ClusterSurvey survey(int images) {
            List<List<Patch>> typical = new ArrayList<>();
            for (List<Ranked> ranked : candidates) {
                typical.add(ranked.stream()
                        .sorted(Comparator.comparingInt(Ranked::rank).thenComparing(Ranked::patch, nearestFirst()))
                        .limit(TYPICAL)
                        .map(Ranked::patch)
                        .sorted(nearestFirst())
                        .toList());
            }
            return new ClusterSurvey(images, Arrays.stream(patches).boxed().toList(), typical, labels);
        }

        private static Comparator<Patch> nearestFirst() {
            return Comparator.comparing(Patch::cosine).reversed();
        }
    }

    /** Returns the number of clusters. */
    public int clusters() {
        return patches.size();
    }

    /** Returns the number of clusters that have a patch. */
    public int inUse() {
        return (int) patches.stream().filter(count -> count > 0).count();
    }

    /** Returns the share of all patches that a cluster has, 0 to 1. */
    public double share(int cluster) {
        return (double) patches.get(cluster)
                / patches.stream().mapToLong(Long::longValue).sum();
    }

    /** Returns the share of the largest cluster, 0 to 1. */
    public double largestShare() {
        return IntStream.range(0, clusters()).mapToDouble(this::share).max().orElseThrow();
    }

    /** Says what to do if one cluster has nearly all patches; empty if not. */
    public Optional<String> warning() {
        return warning(largestShare());
    }

    /** As {@link #warning()}, of a largest share that was measured before. */
    public static Optional<String> warning(double largestShare) {
        return largestShare <= COLLAPSED
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "one cluster has %.1f%% of the patches: the training has collapsed. Train anew in another folder"
                                + " with '--shifts auto', which fits the shifts to the images and the backbone; if it was"
                                + " so already, with higher shifts than 'tune-shifts' proposes",
                        100 * largestShare));
    }
}
