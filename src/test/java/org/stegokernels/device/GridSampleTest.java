package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.stegokernels.testing.Gradients.assertForward;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** Sampling at points, against double-precision loops. */
class GridSampleTest {
    /** Images, height, width, channels, samples, rows, columns. */
    private static final int[][] SHAPES = {
        {1, 1, 1, 1, 1, 1, 1}, {2, 5, 7, 17, 3, 4, 2}, {3, 20, 20, 70, 5, 11, 11}, {4, 9, 1, 33, 2, 1, 40}
    };

    private static float[] coords(int[] s) {
        float[] coords = ThreadCounts.normal(5, s[4] * s[5] * s[6] * 2, 0, 0.7);
        coords[0] = 1;
        coords[1] = -1;
        return coords;
    }

    private static int[] images(int[] s) {
        return new Random(6).ints(s[4], 0, s[0]).toArray();
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void matchesTheOracle(Devices.Choice choice) {
        for (int[] s : SHAPES) {
            float[] x = ThreadCounts.normal(1, s[0] * s[1] * s[2] * s[3], 0, 1);
            float[] out = ThreadCounts.floats(choice, device -> {
                Tensor to = device.allocate(s[4], s[5], s[6], s[3]);
                device.training()
                        .gridSample(
                                device.upload(x, s[0], s[1], s[2], s[3]),
                                device.upload(images(s), s[4]),
                                device.upload(coords(s), s[4], s[5], s[6], 2),
                                to);
                return to;
            });
            assertForward(
                    Arrays.toString(s),
                    out,
                    TrainingOracle.gridSample(Comparison.widened(x), s[1], s[2], s[3], images(s), coords(s)));
        }
    }

    /** Sampling is linear, so its gradient satisfies (sample(x), g) = (x, gradient(g)) for every x. */
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void gradientIsTheAdjointAndIsAdded(Devices.Choice choice) {
        for (int[] s : SHAPES) {
            int size = s[0] * s[1] * s[2] * s[3];
            float[] g = ThreadCounts.normal(2, s[4] * s[5] * s[6] * s[3], 0, 1);
            float[] before = ThreadCounts.normal(3, size, 0, 1);
            float[] after = ThreadCounts.floats(choice, device -> {
                Tensor gradX = device.upload(before, s[0], s[1], s[2], s[3]);
                device.training()
                        .gridSampleGradient(
                                device.upload(g, s[4], s[5], s[6], s[3]),
                                device.upload(images(s), s[4]),
                                device.upload(coords(s), s[4], s[5], s[6], 2),
                                gradX);
                return gradX;
            });
            for (int seed = 0; seed < 5; seed++) {
                double[] x = Comparison.widened(ThreadCounts.normal(10 + seed, size, 0, 1));
                double forward =
                        TrainingOracle.dot(TrainingOracle.gridSample(x, s[1], s[2], s[3], images(s), coords(s)), g);
                double backward = TrainingOracle.dot(x, after) - TrainingOracle.dot(x, before);
                assertThat(backward).isCloseTo(forward, within(1e-5 * g.length));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void anImageThatIsNotThereIsNamed(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Tensor x = device.allocate(2, 3, 3, 4);
            Tensor images = device.upload(new int[] {0, 2}, 2);
            Tensor coords = device.allocate(2, 1, 1, 2);
            Tensor out = device.allocate(2, 1, 1, 4);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.training().gridSample(x, images, coords, out))
                    .withMessageContaining("image 2 of sample 1");
        }
    }
}
