package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.Oracle;

/** Cluster sums against a plain loop. */
class ClusterSumsTest {
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void addsToWhatIsThere(Devices.Choice choice) {
        for (int[] s : new int[][] {{1, 1, 1}, {10_000, 3, 5}, {9_001, 70, 27}, {12_289, 17, 2}, {500, 384, 64}}) {
            Random random = new Random(s[0]);
            float[] x = ThreadCounts.normal(s[1], s[0] * s[1], 0.5, 1);
            int[] labels = random.ints(s[0], 0, s[2]).toArray();
            float[] sums = ThreadCounts.normal(3, s[2] * s[1], 0, 10);
            int[] counts = random.ints(s[2], 0, 9).toArray();
            float[] out = ThreadCounts.floats(choice, device -> {
                Tensor total = device.upload(sums, s[2], s[1]);
                Tensor counted = device.upload(counts, s[2]);
                device.kernels().clusterSums(device.upload(x, s[0], s[1]), device.upload(labels, s[0]), total, counted);
                assertThat(device.ints(counted)).isEqualTo(Oracle.clusterCounts(labels, counts));
                return total;
            });
            Comparison comparison =
                    Comparison.relative(out, Oracle.clusterSums(x, labels, sums, s[1]), Comparison.FORWARD);
            assertThat(comparison.passed()).as(comparison.toString()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void aLabelOutOfRangeIsNamed(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Tensor points = device.allocate(3, 2);
            Tensor labels = device.upload(new int[] {0, 4, 1}, 3);
            Tensor counts = device.upload(new int[4], 4);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.kernels().clusterSums(points, labels, device.allocate(4, 2), counts))
                    .withMessageContaining("label 4 of point 1");
        }
    }
}
