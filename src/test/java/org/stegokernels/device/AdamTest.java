package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.testing.Gradients.assertForward;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** Adam against the same steps in double precision. */
class AdamTest {
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void followsTheFormulaForManySteps(Devices.Choice choice) {
        AdamSettings settings = AdamSettings.of(0.01);
        int count = 1003;
        float[] start = ThreadCounts.normal(1, count, 0, 1);
        float[] out = ThreadCounts.floats(choice, device -> {
            Tensor parameter = device.upload(start, count);
            Tensor mean = device.allocate(count);
            Tensor square = device.allocate(count);
            for (int step = 1; step <= 30; step++) {
                Tensor g = device.upload(ThreadCounts.normal(step, count, 0, 1), count);
                device.training().adam(parameter, g, mean, square, settings, step);
            }
            return parameter;
        });
        double[] expected = Comparison.widened(start);
        double[] mean = new double[count];
        double[] square = new double[count];
        for (int step = 1; step <= 30; step++) {
            TrainingOracle.adam(expected, ThreadCounts.normal(step, count, 0, 1), mean, square, settings, step);
        }
        assertForward("30 steps", out, expected);
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void withoutGradientNothingMoves(Devices.Choice choice) {
        float[] start = ThreadCounts.normal(1, 40, 0, 1);
        float[] out = ThreadCounts.floats(choice, device -> {
            Tensor parameter = device.upload(start, 40);
            Tensor zero = device.allocate(40);
            device.training().adam(parameter, zero, device.allocate(40), device.allocate(40), AdamSettings.of(0.1), 1);
            return parameter;
        });
        assertThat(out).isEqualTo(start);
    }
}
