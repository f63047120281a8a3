package org.stegokernels.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.PartedPoints;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.testing.ThreadCounts;

/** k-means of points in parts against that of the same points in one place. */
class PartedKMeansTest {
    private static final int CHANNELS = 12;
    private static final int CLUSTERS = 7;

    private Device device;

    @BeforeEach
    void open() {
        device = Devices.choose("cpu").open(new Device.Options(2, true));
    }

    @AfterEach
    void close() {
        device.checkGuards();
        device.close();
    }

    private static float[] points(int count) {
        float[] x = ThreadCounts.normal(3, count * CHANNELS, 4, 1);
        float[] centres = ThreadCounts.normal(4, CLUSTERS * CHANNELS, 0, 3);
        for (int i = 0; i < x.length; i++) {
            x[i] += centres[i / CHANNELS % CLUSTERS * CHANNELS + i % CHANNELS];
        }
        return x;
    }

    /** Parts of equal size, the last one smaller, whose tasks travel as bytes and end in any order. */
    private final class Parts implements PartedPoints {
        private final float[] all;
        private final List<float[]> parts = new ArrayList<>();
        private final int size;
        private final Random order;

        Parts(float[] all, int count, long seed) {
            this.all = all;
            this.order = new Random(seed);
            this.size = (all.length / CHANNELS + count - 1) / count * CHANNELS;
            for (int from = 0; from < all.length; from += size) {
                parts.add(Arrays.copyOfRange(all, from, Math.min(all.length, from + size)));
            }
        }

        @Override
        public int channels() {
            return CHANNELS;
        }

        @Override
        public int count() {
            return all.length / CHANNELS;
        }

        @Override
        public float[] rows(int[] indices) {
            return Sample.rows(Points.of(parts, CHANNELS), indices);
        }

        @Override
        public <T extends Serializable> List<T> each(Task<T> task) {
            List<Integer> indices =
                    new ArrayList<>(IntStream.range(0, parts.size()).boxed().toList());
            Collections.shuffle(indices, order);
            List<T> results = new ArrayList<>(Collections.nCopies(parts.size(), null));
            for (int index : indices) {
                Points part = Points.of(List.of(parts.get(index)), CHANNELS);
                results.set(index, copy(copy(task).run(device, part, index * size / CHANNELS)));
            }
            return results;
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> T copy(T object) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            new ObjectOutputStream(bytes).writeObject(object);
            return (T) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertSame(Clustering actual, Clustering expected) {
        assertThat(actual.centroids()).isEqualTo(expected.centroids());
        assertThat(actual.counts()).isEqualTo(expected.counts());
        assertThat(actual.inertia()).isEqualTo(expected.inertia());
        assertThat(actual.iterations()).isEqualTo(expected.iterations());
    }

    private Clustering lloyd(PartedPoints parts, Metric metric) {
        return KMeans.fit(device, parts, KMeans.Settings.of(CLUSTERS, metric, 5));
    }

    private Clustering miniBatch(PartedPoints parts, Metric metric) {
        return MiniBatchKMeans.fit(device, parts, miniBatch(metric));
    }

    private static MiniBatchKMeans.Settings miniBatch(Metric metric) {
        return new MiniBatchKMeans.Settings(CLUSTERS, metric, 5, 3, 1000);
    }

    @ParameterizedTest
    @EnumSource
    void onePartGivesTheBitsOfOnePlace(Metric metric) {
        float[] x = points(20_000);
        Points whole = Points.of(List.of(x), CHANNELS);

        assertSame(
                lloyd(new Parts(x, 1, 0), metric), KMeans.fit(device, whole, KMeans.Settings.of(CLUSTERS, metric, 5)));
        assertSame(miniBatch(new Parts(x, 1, 0), metric), MiniBatchKMeans.fit(device, whole, miniBatch(metric)));
    }

    @ParameterizedTest
    @EnumSource
    void theOrderInWhichPartsEndDoesNotMatter(Metric metric) {
        float[] x = points(20_000);

        assertSame(lloyd(new Parts(x, 6, 1), metric), lloyd(new Parts(x, 6, 2), metric));
        assertSame(miniBatch(new Parts(x, 6, 1), metric), miniBatch(new Parts(x, 6, 2), metric));
    }

    @ParameterizedTest
    @EnumSource
    void severalPartsFindTheSameClusters(Metric metric) {
        float[] x = points(20_000);
        Clustering whole = KMeans.fit(device, Points.of(List.of(x), CHANNELS), KMeans.Settings.of(CLUSTERS, metric, 5));

        Clustering parted = lloyd(new Parts(x, 6, 0), metric);

        assertThat(parted.counts()).isEqualTo(whole.counts());
        assertThat(parted.inertia()).isCloseTo(whole.inertia(), org.assertj.core.data.Percentage.withPercentage(1e-3));
    }

    @Test
    void aClusterThatRunsEmptyTakesTheFarthestPointOfAnyPart() {
        // Six places for seven clusters, one point apart from all in the last part.
        float[] x = new float[6000 * CHANNELS];
        for (int i = 0; i < 6000; i++) {
            x[i * CHANNELS + i % 3] = 10 + i % 2;
        }
        x[x.length - 1] = 50;
        KMeans.Settings settings = new KMeans.Settings(CLUSTERS, Metric.EUCLIDEAN, 1, 20, 0, 3);

        Clustering whole = KMeans.fit(device, Points.of(List.of(x), CHANNELS), settings);
        Clustering parted = KMeans.fit(device, new Parts(x, 4, 0), settings);

        assertThat(parted.counts()).isEqualTo(whole.counts());
    }

    @Test
    void tooFewDistinctPointsAreRefused() {
        float[] same = new float[500 * CHANNELS];

        assertThatExceptionOfType(Clustering.ImpossibleException.class)
                .isThrownBy(() -> lloyd(new Parts(same, 3, 0), Metric.EUCLIDEAN))
                .withMessageContaining("only 1 distinct points for 7 clusters");
    }

    @Test
    void aValueThatIsNoNumberIsRefused() {
        float[] x = points(500);
        x[77] = Float.NaN;

        assertThatExceptionOfType(Clustering.ImpossibleException.class)
                .isThrownBy(() -> lloyd(new Parts(x, 3, 0), Metric.EUCLIDEAN));
    }
}
