package org.stegokernels.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;

/** k-means against a plain Lloyd's loop in double precision, and on points whose clusters are known. */
class KMeansTest {
    private Device device;

    @BeforeEach
    void open() {
        device = open(2);
    }

    @AfterEach
    void close() {
        device.checkGuards();
        device.close();
    }

    private static Device open(int threads) {
        Devices.Choice choice = Devices.choose("cpu");
        return choice.open(new Device.Options(threads, true));
    }

    private static KMeans.Settings exact(int clusters, Metric metric, int maxIterations) {
        return new KMeans.Settings(clusters, metric, 7, maxIterations, 0, 1);
    }

    private Clustering fit(float[] x, int channels, KMeans.Settings settings) {
        return KMeans.fit(device, Points.of(List.of(x), channels), settings);
    }

    /** Points around {@code k} centres far from each other, point i around centre {@code i % k}. */
    private static float[] blobs(int points, int channels, int k, double offset) {
        float[] centres = ThreadCounts.normal(1, k * channels, 0, 5);
        float[] x = ThreadCounts.normal(2, points * channels, offset, 0.3);
        for (int i = 0; i < x.length; i++) {
            x[i] += centres[i / channels % k * channels + i % channels];
        }
        return x;
    }

    /** Finds the nearest centroid of each point and its distance, in double. */
    private static final class Nearest {
        final int[] labels;
        double inertia;

        Nearest(float[] x, int channels, double[] centroids, Metric metric) {
            labels = new int[x.length / channels];
            for (int i = 0; i < labels.length; i++) {
                double lowest = Double.POSITIVE_INFINITY;
                for (int c = 0; c < centroids.length / channels; c++) {
                    double distance = distance(x, i * channels, centroids, c * channels, channels, metric);
                    if (distance < lowest) {
                        lowest = distance;
                        labels[i] = c;
                    }
                }
                inertia += lowest;
            }
        }

        private static double distance(
                float[] x, int point, double[] centroids, int centroid, int channels, Metric metric) {
            double squares = 0;
            double product = 0;
            double length = 0;
            for (int c = 0; c < channels; c++) {
                double value = x[point + c];
                double difference = value - centroids[centroid + c];
                squares += difference * difference;
                product += value * centroids[centroid + c];
                length += value * value;
            }
            return metric == Metric.EUCLIDEAN ? squares : 1 - product / Math.sqrt(length);
        }
    }

    /** The centre of each label's points. */
    private static double[] centres(float[] x, int channels, int[] labels, int k, Metric metric) {
        double[] centres = new double[k * channels];
        double[] size = new double[k];
        for (int i = 0; i < labels.length; i++) {
            double length = 0;
            for (int c = 0; c < channels; c++) {
                length += (double) x[i * channels + c] * x[i * channels + c];
            }
            size[labels[i]]++;
            for (int c = 0; c < channels; c++) {
                double weight = metric == Metric.COSINE ? 1 / Math.sqrt(length) : 1;
                centres[labels[i] * channels + c] += weight * x[i * channels + c];
            }
        }
        for (int label = 0; label < k; label++) {
            if (metric == Metric.COSINE) {
                double squares = 0;
                for (int c = 0; c < channels; c++) {
                    squares += centres[label * channels + c] * centres[label * channels + c];
                }
                size[label] = Math.sqrt(squares);
            }
            for (int c = 0; c < channels; c++) {
                centres[label * channels + c] /= size[label];
            }
        }
        return centres;
    }

    private static int[] counts(int[] labels, int k) {
        int[] counts = new int[k];
        for (int label : labels) {
            counts[label]++;
        }
        return counts;
    }

    private static void assertClose(float[] actual, double[] expected, double tolerance) {
        assertThat(actual).hasSize(expected.length);
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).as("value " + i).isCloseTo(expected[i], within(tolerance));
        }
    }

    @ParameterizedTest
    @EnumSource
    void goesTheWayOfThePlainLoop(Metric metric) {
        int channels = 5;
        int k = 7;
        float[] x = ThreadCounts.normal(3, 1000 * channels, 0.3, 1);
        double[] centroids =
                Comparison.widened(fit(x, channels, exact(k, metric, 0)).centroids());
        for (int iteration = 1; iteration <= 6; iteration++) {
            centroids = centres(x, channels, new Nearest(x, channels, centroids, metric).labels, k, metric);
            Clustering found = fit(x, channels, exact(k, metric, iteration));
            assertThat(found.iterations()).isEqualTo(iteration);
            assertClose(found.centroids(), centroids, 1e-5);
            Nearest nearest = new Nearest(x, channels, centroids, metric);
            assertThat(found.inertia()).isCloseTo(nearest.inertia, within(1e-5 * nearest.inertia));
            assertThat(found.counts()).isEqualTo(counts(nearest.labels, k));
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsWhereEachCentreIsTheCentreOfItsPoints(Metric metric) {
        int channels = 17;
        int k = 4;
        float[] x = ThreadCounts.normal(4, 800 * channels, 0.2, 1);
        Clustering found = fit(x, channels, exact(k, metric, 1000));
        Nearest nearest = new Nearest(x, channels, Comparison.widened(found.centroids()), metric);
        assertThat(found.iterations()).isBetween(1, 999);
        assertClose(found.centroids(), centres(x, channels, nearest.labels, k, metric), 1e-5);
    }

    @ParameterizedTest
    @EnumSource
    void findsSeparateBlobs(Metric metric) {
        int channels = 27;
        int k = 12;
        float[] x = blobs(1200, channels, k, 0);
        Clustering found = fit(x, channels, KMeans.Settings.of(k, metric, 1));
        assertThat(found.counts()).containsOnly(100);
        int[] truth = new int[1200];
        for (int i = 0; i < truth.length; i++) {
            truth[i] = i % k;
        }
        Nearest expected = new Nearest(x, channels, centres(x, channels, truth, k, metric), metric);
        assertThat(found.inertia()).isCloseTo(expected.inertia, within(1e-4 * expected.inertia));
    }

    @Test
    void farFromZeroNothingIsLost() {
        float[] x = blobs(1200, 8, 6, 3000);
        Clustering found = fit(x, 8, KMeans.Settings.of(6, Metric.EUCLIDEAN, 1));
        assertThat(found.counts()).containsOnly(200);
        Nearest nearest = new Nearest(x, 8, Comparison.widened(found.centroids()), Metric.EUCLIDEAN);
        assertThat(found.inertia()).isCloseTo(nearest.inertia, within(1e-2 * nearest.inertia));
    }

    @ParameterizedTest
    @EnumSource
    void neitherChunksNorThreadsChangeABit(Metric metric) {
        int channels = 6;
        float[] x = ThreadCounts.normal(5, 20_000 * channels, 0, 1);
        Random random = new Random(6);
        List<float[]> chunks = new ArrayList<>();
        for (int at = 0; at < x.length; ) {
            int length = Math.min(x.length - at, random.nextInt(900) * channels);
            chunks.add(Arrays.copyOfRange(x, at, at + length));
            at += length;
        }
        KMeans.Settings settings = new KMeans.Settings(9, metric, 3, 5, 0, 2);
        Clustering whole = fit(x, channels, settings);
        for (int threads = 1; threads <= 3; threads++) {
            try (Device other = open(threads)) {
                Clustering cut = KMeans.fit(other, Points.of(chunks, channels), settings);
                assertThat(cut.centroids()).isEqualTo(whole.centroids());
                assertThat(cut.inertia()).isEqualTo(whole.inertia());
                assertThat(cut.counts()).isEqualTo(whole.counts());
            }
        }
    }

    @Test
    void moreRunsAreNeverWorse() {
        float[] x = blobs(900, 2, 25, 0);
        KMeans.Settings one = new KMeans.Settings(25, Metric.EUCLIDEAN, 5, 50, 0, 1);
        KMeans.Settings many = new KMeans.Settings(25, Metric.EUCLIDEAN, 5, 50, 0, 8);
        assertThat(fit(x, 2, many).inertia()).isLessThanOrEqualTo(fit(x, 2, one).inertia());
    }

    @Test
    void anEmptyClusterTakesTheFarthestPoint() {
        float[] x = {0, 1, 2, 3, 100, 101, 50};
        KMeans.Settings settings = exact(3, Metric.EUCLIDEAN, 20);
        try (PointBlocks blocks = new PointBlocks(device, Points.of(List.of(x), 1), Metric.EUCLIDEAN, new float[] {0});
                BlockAssignment points = new BlockAssignment(device, blocks, Metric.EUCLIDEAN, 3)) {
            Clustering found = new Lloyd(points, settings).run(new float[] {0, 100, 5000});
            assertThat(found.counts()).containsExactly(4, 2, 1);
            assertThat(found.centroids()).containsExactly(1.5f, 100.5f, 50);
        }
    }

    @Test
    void theStartSeesRarePointsThatASampleMisses() {
        float[] x = new float[30_000];
        x[11] = 1;
        x[29_000] = 2;
        Clustering found = fit(x, 1, exact(3, Metric.EUCLIDEAN, 10));
        assertThat(found.counts()).containsExactlyInAnyOrder(29_998, 1, 1);
    }

    @Test
    void onePointInOneClusterIsItsCentre() {
        Clustering found = fit(new float[] {3, 4}, 2, exact(1, Metric.COSINE, 10));
        assertClose(found.centroids(), new double[] {0.6, 0.8}, 1e-6);
        assertThat(found.inertia()).isCloseTo(0, within(1e-6));
        assertThat(found.counts()).containsExactly(1);
    }

    @Test
    void fewerDistinctPointsThanClustersIsAnError() {
        assertThatExceptionOfType(Clustering.ImpossibleException.class)
                .isThrownBy(() -> fit(new float[] {1, 2, 3}, 1, exact(4, Metric.EUCLIDEAN, 10)))
                .withMessageContaining("only 3 distinct points for 4 clusters");
        float[] two = new float[20_000];
        Arrays.fill(two, 0, 5, 1);
        assertThatExceptionOfType(Clustering.ImpossibleException.class)
                .isThrownBy(() -> fit(two, 1, exact(3, Metric.EUCLIDEAN, 10)))
                .withMessageContaining("only 2 distinct points for 3 clusters");
        assertThatExceptionOfType(Clustering.ImpossibleException.class)
                .isThrownBy(() -> fit(new float[] {1, 1, 2, 2, 3, 3}, 2, exact(2, Metric.COSINE, 10)))
                .withMessageContaining("only 1 distinct points for 2 clusters");
        assertThatExceptionOfType(Clustering.ImpossibleException.class)
                .isThrownBy(() -> KMeans.fit(device, Points.of(List.of(), 3), exact(1, Metric.COSINE, 1)))
                .withMessageContaining("only 0 distinct points");
    }

    @ParameterizedTest
    @EnumSource
    void aValueThatIsNotFiniteIsNamed(Metric metric) {
        float[] good = ThreadCounts.normal(8, 30, 0, 1);
        float[] bad = good.clone();
        bad[16] = Float.NaN;
        assertThatExceptionOfType(Clustering.ImpossibleException.class)
                .isThrownBy(() -> KMeans.fit(device, Points.of(List.of(good, bad), 3), exact(2, metric, 10)))
                .withMessage("point 5 of chunk 1 has NaN in channel 1");
    }

    @Test
    void aChunkThatIsCutInAPointIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Points.of(List.of(new float[6], new float[7]), 3))
                .withMessageContaining("chunk 1 has 7 values");
    }

    @Test
    void deviceMemoryIsGivenBack() {
        float[] x = ThreadCounts.normal(9, 9000 * 4, 0, 1);
        fit(x, 4, exact(3, Metric.EUCLIDEAN, 2));
        long before = device.allocatedBytes();
        fit(x, 4, exact(3, Metric.EUCLIDEAN, 2));
        assertThat(device.allocatedBytes()).isEqualTo(before);
    }
}
