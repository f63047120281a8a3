package org.stegokernels.device;

import static org.stegokernels.testing.Gradients.assertGradient;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.TrainingOracle;

/** Backward of the bilinear resize, against central differences. */
class BilinearGradientTest {
    /** Batch, height, width, channels, height and width of the output. */
    private static final int[][] SHAPES = {
        {1, 1, 1, 1, 1, 1}, {2, 3, 4, 5, 7, 9}, {1, 6, 5, 17, 2, 3}, {1, 2, 2, 33, 16, 16}, {2, 1, 5, 3, 4, 5}
    };

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void matchesCentralDifferences(Devices.Choice choice) {
        for (int[] s : SHAPES) {
            float[] g = ThreadCounts.normal(1, s[0] * s[4] * s[5] * s[3], 0, 1);
            float[] out = ThreadCounts.floats(choice, device -> {
                Tensor gradX = device.allocate(s[0], s[1], s[2], s[3]);
                device.training().bilinearGradient(device.upload(g, s[0], s[4], s[5], s[3]), gradX);
                return gradX;
            });
            double[] expected = TrainingOracle.gradient(
                    x -> TrainingOracle.dot(TrainingOracle.bilinear(x, s[0], s[1], s[2], s[3], s[4], s[5]), g),
                    new double[out.length]);
            assertGradient(Arrays.toString(s), out, expected);
        }
    }
}
