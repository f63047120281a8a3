package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.Oracle;

/** Patch embedding against double-precision loops. */
class PatchEmbedTest {
    /** Batch, height and width in patches, patch, prefix tokens, outputs. */
    private static final int[][] SHAPES = {
        {1, 1, 1, 1, 1, 1}, {2, 3, 5, 8, 1, 33}, {3, 2, 2, 16, 5, 40}, {1, 7, 4, 4, 0, 9}
    };

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracle(Devices.Choice choice) {
        for (int[] shape : SHAPES) {
            int batch = shape[0];
            int patch = shape[3];
            int height = shape[1] * patch;
            int width = shape[2] * patch;
            int patches = shape[1] * shape[2];
            int prefixes = shape[4];
            int outputs = shape[5];
            int inputs = 3 * patch * patch;
            float[] image = ThreadCounts.normal(1, batch * 3 * height * width, 0, 1);
            float[] weight = ThreadCounts.normal(2, outputs * inputs, 0, 1 / Math.sqrt(inputs));
            float[] bias = ThreadCounts.normal(3, outputs, 0, 1);
            float[] prefix = ThreadCounts.normal(4, prefixes * outputs, 0, 1);
            float[] positions = ThreadCounts.normal(5, patches * outputs, 0, 1);
            float[] actual = ThreadCounts.floats(choice, device -> {
                LinearWeights projection = device.kernels()
                        .packLinear(device.upload(weight, outputs, inputs), device.upload(bias, outputs));
                Tensor out = device.allocate(batch, prefixes + patches, outputs);
                device.kernels()
                        .patchEmbed(
                                device.upload(image, batch, 3, height, width),
                                projection,
                                patch,
                                device.upload(prefix, prefixes, outputs),
                                device.upload(positions, patches, outputs),
                                out);
                return out;
            });
            double[] expected =
                    Oracle.patchEmbed(image, batch, 3, height, width, weight, bias, patch, prefix, positions, outputs);
            Comparison comparison = Comparison.relative(actual, expected, Comparison.FORWARD);
            assertThat(comparison.passed()).as(comparison.toString()).isTrue();
        }
    }
}
