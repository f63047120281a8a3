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
}
