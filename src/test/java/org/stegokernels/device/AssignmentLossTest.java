package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.testing.Gradients.assertGradient;
import static org.stegokernels.testing.Gradients.assertLoss;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** Loss of the cluster probe, hard and soft, against double-precision loops and central differences. */
class AssignmentLossTest {
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void matchesCentralDifferences(Devices.Choice choice) {
        for (int clusters : new int[] {1, 11, 27, 33}) {
            for (float alpha : new float[] {0, 2, 5}) {
                float[] cosines = ThreadCounts.normal(clusters, 90 * clusters, 0, 0.4);
                double[] wide = Comparison.widened(cosines);
                String what = clusters + " clusters, alpha " + alpha;
                assertLoss(
                        what,
                        run(choice, cosines, clusters, alpha, false)[0],
                        TrainingOracle.assignmentLoss(wide, clusters, alpha));
                assertGradient(
                        what,
                        run(choice, cosines, clusters, alpha, true),
                        TrainingOracle.gradient(at -> TrainingOracle.assignmentLoss(at, clusters, alpha), wide));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void theFirstClusterWinsATie(Devices.Choice choice) {
        float[] gradient = run(choice, new float[] {0.1f, 0.5f, 0.5f}, 3, 0, true);
        assertThat(gradient).containsExactly(0f, -1f, 0f);
    }

    private static float[] run(Devices.Choice choice, float[] cosines, int clusters, float alpha, boolean gradient) {
        return ThreadCounts.floats(choice, device -> {
            Tensor out = device.allocate(cosines.length / clusters, clusters);
            Tensor loss = device.allocate(1);
            Tensor in = device.upload(cosines, cosines.length / clusters, clusters);
            device.training().assignmentLoss(in, alpha, 1, out, loss);
            return gradient ? out : loss;
        });
    }
}
