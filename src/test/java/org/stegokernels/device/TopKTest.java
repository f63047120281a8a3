package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.ElementType;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.TrainingOracle;

/** Nearest keys against a full sort of all products. */
class TopKTest {
    /** Queries, keys, channels, k: around blocks of queries, panels and blocks of keys. */
    private static final int[][] SHAPES = {
        {1, 1, 1, 1}, {5, 2, 3, 2}, {65, 33, 17, 33}, {70, 2100, 9, 30}, {3, 4500, 16, 7}
    };

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
            double[] products = TrainingOracle.products(queries, keys, s[2]);
            int[] expected = new int[s[0] * s[3]];
            for (int q = 0; q < s[0]; q++) {
                int row = q * s[1];
                int[] order = IntStream.range(0, s[1])
                        .boxed()
                        .sorted((a, b) -> Double.compare(products[row + b], products[row + a]))
                        .mapToInt(Integer::intValue)
                        .toArray();
                System.arraycopy(order, 0, expected, q * s[3], s[3]);
            }
            int[] indices = ThreadCounts.ints(choice, device -> {
                Tensor found = device.allocate(ElementType.I32, Shape.of(s[0], s[3]));
                Tensor similarities = device.allocate(s[0], s[3]);
                device.training()
                        .topK(device.upload(queries, s[0], s[2]), device.upload(keys, s[1], s[2]), similarities, found);
                float[] values = device.floats(similarities);
                int[] at = device.ints(found);
                for (int i = 0; i < values.length; i++) {
                    assertThat((double) values[i]).isEqualTo(products[i / s[3] * s[1] + at[i]]);
                }
                return found;
            });
            assertThat(indices).as(Arrays.toString(s)).isEqualTo(expected);
        }
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
