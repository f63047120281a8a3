package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.stegokernels.testing.Gradients.assertForward;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.TrainingOracle;

/** The two halves of a mini-batch against plain loops. */
class NearestCentersTest {
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void assignsAddsUpAndMovesTheMeans(Devices.Choice choice) {
        for (int[] s : new int[][] {{1, 1, 1, 1}, {300, 17, 5, 129}, {5000, 70, 27, 9000}}) {
            int channels = s[1];
            float[] x = ThreadCounts.normal(1, s[0] * channels, 3, 1);
            float[] centers = ThreadCounts.normal(2, s[2] * channels, 3, 1);
            int[] rows = new Random(3).ints(s[3], 0, s[0]).toArray();
            double[] distances = TrainingOracle.squaredDistances(x, centers, channels);
            int[] labels = ThreadCounts.ints(choice, device -> run(device, s, x, centers, rows)[0]);
            double[] sums = new double[centers.length];
            int[] counts = new int[s[2]];
            for (int i = 0; i < rows.length; i++) {
                double found = distances[rows[i] * s[2] + labels[i]];
                double nearest = Arrays.stream(distances, rows[i] * s[2], (rows[i] + 1) * s[2])
                        .min()
                        .orElseThrow();
                assertThat(found).isLessThanOrEqualTo(nearest * (1 + 1e-5));
                counts[labels[i]]++;
                for (int c = 0; c < channels; c++) {
                    sums[labels[i] * channels + c] += x[rows[i] * channels + c];
                }
            }
            assertThat(ThreadCounts.ints(choice, device -> run(device, s, x, centers, rows)[1]))
                    .isEqualTo(counts);
            double[] means = new double[sums.length];
            for (int i = 0; i < means.length; i++) {
                int count = counts[i / channels];
                means[i] = (sums[i] + 2.0 * centers[i]) / (count + 2);
            }
            assertForward(
                    Arrays.toString(s),
                    ThreadCounts.floats(choice, device -> run(device, s, x, centers, rows)[2]),
                    means);
        }
    }

    /** Labels, counts, and means that had seen two points before. */
    private static Tensor[] run(Device device, int[] s, float[] x, float[] centers, int[] rows) {
        Tensor labels = device.allocate(ElementType.I32, Shape.of(s[3]));
        Tensor sums = device.allocate(s[2], s[1]);
        Tensor counts = device.allocate(ElementType.I32, Shape.of(s[2]));
        Tensor means = device.upload(centers, s[2], s[1]);
        int[] two = new int[s[2]];
        Arrays.fill(two, 2);
        Tensor totals = device.upload(two, s[2]);
        TrainingKernels kernels = device.training();
        kernels.nearestCenters(device.upload(x, s[0], s[1]), device.upload(rows, s[3]), means, labels, sums, counts);
        kernels.runningMeans(sums, counts, totals, means);
        return new Tensor[] {labels, counts, means};
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void aRowThatIsNotThereIsNamed(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Tensor points = device.allocate(3, 2);
            Tensor rows = device.upload(new int[] {0, 3}, 2);
            Tensor centers = device.allocate(1, 2);
            Tensor labels = device.allocate(ElementType.I32, Shape.of(2));
            Tensor sums = device.allocate(1, 2);
            Tensor counts = device.allocate(ElementType.I32, Shape.of(1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.training().nearestCenters(points, rows, centers, labels, sums, counts))
                    .withMessageContaining("row 3 at 1");
        }
    }
}
