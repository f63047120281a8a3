package org.stegokernels.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.KMeans.Suggestion;
import org.stegokernels.cluster.KMeans.Suggestion.Candidate;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.testing.ThreadCounts;

/** The number of clusters is found where it is known. */
class NumberOfClustersTest {
    private static final int CHANNELS = 24;

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
        return Devices.choose("cpu").open(new Device.Options(threads, true));
    }

    /** Points of all lengths around {@code groups} directions, most of them at right angles to each other. */
    private static float[] around(int groups, int count, double noise) {
        float[] directions = ThreadCounts.normal(groups, groups * CHANNELS, 0, 1);
        float[] points = ThreadCounts.normal(3, count * CHANNELS, 0, noise);
        SplittableRandom lengths = new SplittableRandom(5);
        for (int i = 0; i < count; i++) {
            double length = 0.1 + 10 * lengths.nextDouble();
            for (int c = 0; c < CHANNELS; c++) {
                int at = i * CHANNELS + c;
                points[at] = (float) (length * (points[at] + directions[i % groups * CHANNELS + c]));
            }
        }
        return points;
    }

    private Suggestion suggest(float[] points, long seed) {
        return KMeans.suggest(device, Points.of(List.of(points), CHANNELS), seed, done -> {});
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 8, 13, 21, 34})
    void theNumberOfSeparateDirectionsIsSuggested(int groups) {
        Suggestion suggestion = suggest(around(groups, 2500, 0.2), 0);
        assertThat(suggestion.best().clusters()).isEqualTo(groups);
        assertThat(suggestion.best().stability()).isGreaterThan(0.9);
        assertThat(suggestion.candidates()).hasSize(36);
        assertThat(suggestion.points()).isEqualTo(2500);
    }

    @Test
    void equalSeedsGiveEqualBitsWithEveryNumberOfThreads() {
        float[] points = around(9, 900, 0.6);
        Suggestion suggestion = suggest(points, 4);
        assertThat(suggest(points, 5)).isNotEqualTo(suggestion);
        try (Device one = open(1)) {
            Points chunks = Points.of(
                    List.of(
                            Arrays.copyOf(points, 100 * CHANNELS),
                            Arrays.copyOfRange(points, 100 * CHANNELS, points.length)),
                    CHANNELS);
            List<Integer> told = new ArrayList<>();
            assertThat(KMeans.suggest(one, chunks, 4, told::add)).isEqualTo(suggestion);
            assertThat(told).isEqualTo(IntStream.rangeClosed(1, 36).boxed().toList());
        }
    }

    @Test
    void fewPointsGiveFewCandidatesAndTooFewAnError() {
        assertThat(suggest(around(5, 80, 0.1), 0).candidates().stream().map(Candidate::clusters))
                .containsExactly(5, 6, 7, 8);
        assertThatExceptionOfType(Clustering.ImpossibleException.class)
                .isThrownBy(() -> suggest(around(5, 49, 0.1), 0))
                .withMessage("no number of clusters shows itself among 49 patches, 50 are the least: give more images");
    }

    @Test
    void pointsThatAreAlikeGiveAnError() {
        float[] alike = new float[500 * CHANNELS];
        Arrays.fill(alike, 0.25f);
        assertThatExceptionOfType(Clustering.ImpossibleException.class)
                .isThrownBy(() -> suggest(alike, 0))
                .withMessageContaining("only 1 distinct points");
        // Seven directions and no noise: no more than seven clusters can be asked for.
        assertThat(suggest(around(7, 500, 0), 0).best().clusters()).isEqualTo(7);
    }

    @Test
    void valuesThatAreNotFiniteGiveAnError() {
        float[] points = around(5, 100, 0.1);
        points[7 * CHANNELS + 2] = Float.NaN;
        assertThatExceptionOfType(Clustering.ImpossibleException.class)
                .isThrownBy(() -> suggest(points, 0))
                .withMessageContaining("point 7 of chunk 0 has NaN in channel 2");
    }

    @Test
    void aWideGapOfAnUnstableNumberIsPassedOver() {
        List<Candidate> candidates = List.of(
                new Candidate(5, 0.9, 0.5, 0.01),
                new Candidate(6, 0.9, 0.5, 0.02),
                new Candidate(7, 0.9, 0.5, 0.02),
                new Candidate(8, 0.8, 0.4, 0.01),
                new Candidate(9, 0.2, 0.4, 0.9),
                new Candidate(10, 0.8, 0.1, 0.8));
        Suggestion suggestion = Suggestion.of(100, candidates);
        assertThat(suggestion.best().clusters()).isEqualTo(6);
        assertThat(suggestion.alternatives()).containsExactly(7, 5);
        assertThat(suggestion.reason())
                .isEqualTo(
                        "the widest eigengap (0.020) of those 4 numbers from 5 to 10 that neither stability (here 0.90)"
                                + " nor silhouette (here 0.50) has in its lowest third");
    }

    @Test
    void agreementIsThatOfTheTextbook() {
        // scikit-learn 1.2.1, adjusted_rand_score([0, 0, 1, 1], [0, 0, 1, 2]), of its documentation.
        assertThat(NumberOfClusters.adjustedRandIndex(new int[] {0, 0, 1, 1}, new int[] {0, 0, 1, 2}, 3))
                .isCloseTo(0.57, within(0.005));
        assertThat(NumberOfClusters.adjustedRandIndex(new int[] {0, 0, 1, 1}, new int[] {1, 1, 0, 0}, 2))
                .isEqualTo(1);
        assertThat(NumberOfClusters.adjustedRandIndex(new int[] {0, 0, 0, 0}, new int[] {0, 1, 2, 3}, 4))
                .isEqualTo(0);
    }
}
