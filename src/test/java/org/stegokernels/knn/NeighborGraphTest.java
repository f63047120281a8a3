package org.stegokernels.knn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;

/** Neighbours of images. */
class NeighborGraphTest {
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void findsWhatPointsTheSameWayWhateverItsLength(Devices.Choice choice) {
        float[] embeddings = {1, 0, 0, 5, 0.1f, 3, 10, 1, -2, 0};
        try (Device device = TestDevices.open(choice)) {
            NeighborGraph graph = NeighborGraph.build(device, embeddings, 2, 3);
            assertThat(graph.images()).isEqualTo(5);
            assertThat(graph.indices()).startsWith(0, 3, 2).endsWith(4, 1, 2);
            assertThat(graph.similarities()[0]).isBetween(0.9999f, 1.0001f);
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void everyImageIsItsOwnFirstNeighbourEvenAmongCopies(Devices.Choice choice) {
        float[] embeddings = new float[40 * 3];
        for (int i = 0; i < embeddings.length; i++) {
            embeddings[i] = 1 + i % 3;
        }
        try (Device device = TestDevices.open(choice)) {
            NeighborGraph graph = NeighborGraph.build(device, embeddings, 3, 4);
            for (int image = 0; image < 40; image++) {
                int[] neighbours = Arrays.copyOfRange(graph.indices(), image * 4, image * 4 + 4);
                assertThat(neighbours).startsWith(image).doesNotHaveDuplicates();
                assertThat(Arrays.stream(neighbours)).allMatch(index -> index >= 0 && index < 40);
                for (int draw = 0; draw < 10; draw++) {
                    assertThat(graph.draw(new SplittableRandom(draw), image, 7)).isNotEqualTo(image);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void twoImagesAreEnoughAndOneIsNot(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            NeighborGraph graph = NeighborGraph.build(device, new float[] {1, 2, 3, 4}, 2, 30);
            assertThat(graph.neighbours()).isEqualTo(2);
            assertThat(graph.indices()).containsExactly(0, 1, 1, 0);
            assertThatThrownBy(() -> NeighborGraph.build(device, new float[] {1, 2}, 2, 30))
                    .isInstanceOf(NeighborGraph.ImpossibleException.class)
                    .hasMessageContaining("at least 2 images, there is 1");
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void aValueThatIsNotFiniteIsNamed(Devices.Choice choice) {
        float[] embeddings = ThreadCounts.normal(1, 30, 0, 1);
        embeddings[17] = Float.NaN;
        try (Device device = TestDevices.open(choice)) {
            assertThatThrownBy(() -> NeighborGraph.build(device, embeddings, 5, 3))
                    .isInstanceOf(NeighborGraph.ImpossibleException.class)
                    .hasMessageContaining("image 3")
                    .hasMessageContaining("channel 2");
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void blocksPutTogetherGiveTheBitsOfTheWhole(Devices.Choice choice) {
        int channels = 24;
        float[] embeddings = ThreadCounts.normal(5, 150 * channels, 0, 1);
        // Copies, which tie, in one block and in several.
        for (int copy : new int[] {3, 40, 41, 42, 120}) {
            System.arraycopy(embeddings, 0, embeddings, copy * channels, channels);
        }
        try (Device device = TestDevices.open(choice)) {
            NeighborGraph whole = NeighborGraph.build(device, embeddings, channels, 4);

            for (int[] block : new int[][] {{0, 47}, {47, 110}, {110, 150}}) {
                float[] own = Arrays.copyOfRange(embeddings, block[0] * channels, block[1] * channels);
                NeighborGraph merged = null;
                for (int first = 0; first < 150; first += 50) {
                    float[] others = Arrays.copyOfRange(embeddings, first * channels, (first + 50) * channels);
                    NeighborGraph found = NeighborGraph.among(device, own, others, first, channels, 4);
                    merged = merged == null ? found : merged.followedBy(found, 4);
                }
                merged.putSelfFirst(block[0]);

                assertThat(merged.indices()).isEqualTo(Arrays.copyOfRange(whole.indices(), 4 * block[0], 4 * block[1]));
                assertThat(merged.similarities())
                        .isEqualTo(Arrays.copyOfRange(whole.similarities(), 4 * block[0], 4 * block[1]));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void blocksOfFewImagesAreFilledUpByThoseAfterThem(Devices.Choice choice) {
        float[] embeddings = {1, 0, 0, 5, 0.1f, 3, 10, 1, -2, 0};
        try (Device device = TestDevices.open(choice)) {
            NeighborGraph one = NeighborGraph.among(device, embeddings, new float[] {1, 0}, 0, 2, 3);
            NeighborGraph others =
                    NeighborGraph.among(device, embeddings, Arrays.copyOfRange(embeddings, 2, 10), 1, 2, 3);
            NeighborGraph merged = one.followedBy(others, 3);
            merged.putSelfFirst(0);

            assertThat(one.neighbours()).isEqualTo(1);
            assertThat(merged.indices())
                    .isEqualTo(NeighborGraph.build(device, embeddings, 2, 3).indices());
        }
    }
}
