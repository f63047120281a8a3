package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** Nearest keys against a full sort of all products. */
class TopKTest {
    /** Queries, keys, channels, k: around blocks of queries, panels and blocks of keys. */
    private static final int[][] SHAPES = {
        {1, 1, 1, 1}, {5, 2, 3, 2}, {65, 33, 17, 33}, {70, 2100, 9, 30}, {3, 4500, 16, 7}
    };
    /** Keys that are the queries too, channels, k: around blocks of queries and of keys. */
    private static final int[][] SAME = {{1, 1, 1}, {2, 3, 2}, {67, 17, 67}, {200, 5, 9}, {2115, 4, 3}};

    /** Small integers: products are exact, and many tie. */
    private static float[] integers(long seed, int count) {
        int[] drawn = new Random(seed).ints(count, -2, 3).toArray();
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = drawn[i];
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void matchesASortAndTheSmallerIndexWinsATie(Devices.Choice choice) {
        for (int[] s : SHAPES) {
            float[] queries = integers(1, s[0] * s[2]);
            float[] keys = integers(2, s[1] * s[2]);
            matchesASort(choice, queries, keys, s[2], s[3]);
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void queriesMayBeTheKeys(Devices.Choice choice) {
        for (int[] s : SAME) {
            float[] both = integers(3, s[0] * s[1]);
            matchesASort(choice, both, both, s[1], s[2]);
        }
    }

    /** An array given as both is one tensor. */
    private static void matchesASort(Devices.Choice choice, float[] queries, float[] keys, int channels, int k) {
        int rows = queries.length / channels;
        int total = keys.length / channels;
        int[] expected = new int[rows * k];
        double[] best = new double[rows * k];
        for (int q = 0; q < rows; q++) {
            float[] query = Arrays.copyOfRange(queries, q * channels, (q + 1) * channels);
            double[] products = TrainingOracle.products(query, keys, channels);
            int[] order = IntStream.range(0, total)
                    .boxed()
                    .sorted((a, b) -> Double.compare(products[b], products[a]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int i = 0; i < k; i++) {
                expected[q * k + i] = order[i];
                best[q * k + i] = products[order[i]];
            }
        }
        String shape = rows + " queries, " + total + " keys, " + channels + " channels, k " + k;
        int[] indices = ThreadCounts.ints(choice, device -> {
            Tensor found = device.allocate(ElementType.I32, Shape.of(rows, k));
            Tensor similarities = device.allocate(rows, k);
            Tensor x = device.upload(queries, rows, channels);
            Tensor y = keys == queries ? x : device.upload(keys, total, channels);
            device.training().topK(x, y, similarities, found);
            assertThat(Comparison.widened(device.floats(similarities)))
                    .as(shape)
                    .containsExactly(best);
            return found;
        });
        assertThat(indices).as(shape).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void moreNeighboursThanKeysAreRefused(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Tensor x = device.allocate(3, 2);
            Tensor similarities = device.allocate(3, 4);
            Tensor indices = device.allocate(ElementType.I32, Shape.of(3, 4));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.training().topK(x, x, similarities, indices))
                    .withMessageContaining("topK");
        }
    }
}
