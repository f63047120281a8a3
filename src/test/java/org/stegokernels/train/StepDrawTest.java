package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.stegokernels.knn.NeighborGraph;
import org.stegokernels.train.TrainSettings.Source;

/** The images of a step: each once in an epoch, with one of its nearest. */
class StepDrawTest {
    private static final int IMAGES = 11;

    /** Image i has the neighbours i + 1, i + 2 and i + 3. */
    private static NeighborGraph graph(int images) {
        int[] indices = new int[images * 4];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = (i / 4 + i % 4) % images;
        }
        return new NeighborGraph(4, indices, new float[indices.length]);
    }

    private static TrainSettings settings(String... changes) {
        Source source = Source.defaults().text("test", "{batch_size: 4, num_neighbors: 2}");
        for (String change : changes) {
            source = source.set(change);
        }
        return source.settings();
    }

    @Test
    void anEpochHasEachImageOnceAndDropsTheLastBatch() {
        StepDraw.Source source = new StepDraw.Source(settings(), graph(IMAGES));
        Set<Set<Integer>> epochs = new HashSet<>();
        for (int epoch = 0; epoch < 20; epoch++) {
            Set<Integer> seen = new HashSet<>();
            for (int step = 2 * epoch; step < 2 * epoch + 2; step++) {
                int[] images = source.step(step).images();
                assertThat(images).hasSize(8);
                for (int i = 0; i < 4; i++) {
                    assertThat(seen.add(images[i])).isTrue();
                    assertThat((images[4 + i] - images[i] + IMAGES) % IMAGES).isIn(1, 2);
                }
            }
            epochs.add(seen);
        }
        assertThat(epochs).as("which images are left out").hasSizeGreaterThan(3);
    }

    @Test
    void anyStepCanBeMadeAgain() {
        StepDraw.Source forward = new StepDraw.Source(settings(), graph(IMAGES));
        int[][] drawn = IntStream.range(0, 9)
                .mapToObj(step -> forward.step(step).images())
                .toArray(int[][]::new);
        StepDraw.Source other = new StepDraw.Source(settings(), graph(IMAGES));
        for (int step = 8; step >= 0; step--) {
            assertThat(other.step(step).images()).isEqualTo(drawn[step]);
        }
        StepDraw.Source seeded = new StepDraw.Source(settings("seed=1"), graph(IMAGES));
        assertThat(IntStream.range(0, 9)
                        .allMatch(step -> Arrays.equals(seeded.step(step).images(), drawn[step])))
                .isFalse();
        assertThat(forward.step(3).random().nextLong())
                .isEqualTo(other.step(3).random().nextLong())
                .isNotEqualTo(other.step(4).random().nextLong())
                .isNotEqualTo(seeded.step(3).random().nextLong());
    }

    @Test
    void fewerImagesThanABatchAreOneBatch() {
        StepDraw.Source source = new StepDraw.Source(settings("batch_size=64"), graph(IMAGES));
        assertThat(source.batch()).isEqualTo(IMAGES);
        assertThat(Arrays.stream(source.step(5).images()).limit(IMAGES).sorted())
                .containsExactly(IntStream.range(0, IMAGES).boxed().toArray(Integer[]::new));
    }
}
