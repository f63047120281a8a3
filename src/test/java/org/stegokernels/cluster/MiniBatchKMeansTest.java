package org.stegokernels.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;

/** Mini-batch k-means on blobs far apart, and beside Lloyd's. */
class MiniBatchKMeansTest {
    private static final int CHANNELS = 5;

    /** 400 points around each of four corners, far from zero. */
    private static float[] blobs() {
        float[] points = ThreadCounts.normal(1, 1600 * CHANNELS, 100, 0.5);
        for (int i = 0; i < 1600; i++) {
            points[i * CHANNELS] += i % 2 * 20;
            points[i * CHANNELS + 1] += i / 2 % 2 * 20;
        }
        return points;
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void findsBlobsAndIsAsGoodAsLloyds(Devices.Choice choice) {
        Points points = Points.of(List.of(blobs()), CHANNELS);
        try (Device device = TestDevices.open(choice)) {
            for (Metric metric : Metric.values()) {
                Clustering found =
                        MiniBatchKMeans.fit(device, points, new MiniBatchKMeans.Settings(4, metric, 3, 5, 128));
                Clustering lloyd = KMeans.fit(device, points, KMeans.Settings.of(4, metric, 3));
                assertThat(found.counts()).containsOnly(400);
                assertThat(found.inertia()).isLessThan(1.01 * lloyd.inertia() + 1e-6 * 1600);
                assertThat(found.iterations()).isEqualTo(5 * 13);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void aSeedGivesTheSameBitsWithEveryThreadCountAndChunking(Devices.Choice choice) {
        float[] all = blobs();
        List<float[]> halves =
                List.of(Arrays.copyOf(all, 333 * CHANNELS), Arrays.copyOfRange(all, 333 * CHANNELS, all.length));
        MiniBatchKMeans.Settings settings = new MiniBatchKMeans.Settings(7, Metric.COSINE, 11, 2, 100);
        float[] first = null;
        for (int threads = 1; threads <= 3; threads++) {
            try (Device device = choice.open(new Device.Options(threads, true))) {
                Points points = Points.of(threads == 2 ? halves : List.of(all), CHANNELS);
                float[] centroids =
                        MiniBatchKMeans.fit(device, points, settings).centroids();
                first = first == null ? centroids : first;
                assertThat(centroids).isEqualTo(first);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void aCentreIsTheMeanOfAllPointsThatCameToIt(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                MiniBatchKMeans means = new MiniBatchKMeans(device, Metric.EUCLIDEAN, new float[] {0, 100}, 2)) {
            Tensor points = device.upload(new float[] {1, 2, 6, 90, 30}, 5, 1);
            Tensor labels = device.allocate(ElementType.I32, Shape.of(2));
            means.update(points, device.upload(new int[] {0, 1}, 2), labels);
            assertThat(means.centers()).containsExactly(1.5f, 100);
            means.update(points, device.upload(new int[] {2, 3}, 2), labels);
            assertThat(device.ints(labels)).containsExactly(0, 1);
            assertThat(means.centers()).containsExactly(3, 90);
            assertThat(means.totals()).containsExactly(3, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void tooFewPointsAndValuesThatAreNotFiniteAreRefused(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            MiniBatchKMeans.Settings settings = new MiniBatchKMeans.Settings(4, Metric.EUCLIDEAN, 0, 1, 10);
            assertThatThrownBy(() ->
                            MiniBatchKMeans.fit(device, Points.of(List.of(new float[] {1, 2, 3}), 1), settings))
                    .isInstanceOf(Clustering.ImpossibleException.class)
                    .hasMessageContaining("3 distinct points for 4 clusters");
            float[] spoilt = blobs();
            spoilt[23] = Float.NaN;
            assertThatThrownBy(() -> MiniBatchKMeans.fit(device, Points.of(List.of(spoilt), CHANNELS), settings))
                    .isInstanceOf(Clustering.ImpossibleException.class)
                    .hasMessageContaining("point 4 of chunk 0 has NaN in channel 3");
        }
    }
}
