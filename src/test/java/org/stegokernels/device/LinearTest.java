package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.stegokernels.testing.ReferenceVectors.assertClose;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.Oracle;
import org.stegokernels.weights.Safetensors;

/** Linear layers against double-precision loops and the reference vectors. */
class LinearTest {
    /** Rows, inputs, outputs: around the edges of register tiles, panels and tasks. */
    private static final int[][] SHAPES = {
        {1, 1, 1}, {7, 30, 5}, {8, 64, 32}, {9, 77, 33}, {53, 77, 41}, {16, 1, 64}, {130, 384, 100}, {3, 1536, 31}
    };

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracleWithEveryEpilogue(Devices.Choice choice) {
        for (int[] shape : SHAPES) {
            for (Activation activation : Activation.values()) {
                check(choice, shape, activation, false);
                check(choice, shape, activation, true);
            }
        }
    }

    private static void check(Devices.Choice choice, int[] shape, Activation activation, boolean withResidual) {
        int rows = shape[0];
        int inputs = shape[1];
        int outputs = shape[2];
        float[] x = ThreadCounts.normal(1, rows * inputs, 0, 1);
        float[] weight = ThreadCounts.normal(2, outputs * inputs, 0, 1 / Math.sqrt(inputs));
        float[] bias = ThreadCounts.normal(3, outputs, 0, 1);
        float[] residual = withResidual ? ThreadCounts.normal(4, rows * outputs, 0, 1) : null;
        float[] actual = ThreadCounts.floats(choice, device -> {
            Kernels kernels = device.kernels();
            LinearWeights weights =
                    kernels.packLinear(device.upload(weight, outputs, inputs), device.upload(bias, outputs));
            Tensor out = withResidual ? device.upload(residual, rows, outputs) : device.allocate(rows, outputs);
            kernels.linear(device.upload(x, rows, inputs), weights, activation, withResidual ? out : null, out);
            return out;
        });
        double[] expected = Oracle.linear(x, weight, bias, activation, residual, inputs, outputs);
        Comparison comparison = Comparison.relative(actual, expected, Comparison.FORWARD);
        assertThat(comparison.passed())
                .as("%d x %d x %d %s residual %s: %s", rows, inputs, outputs, activation, withResidual, comparison)
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void leavesTheResidualAloneWhenItIsNotTheOutput(Devices.Choice choice) {
        float[] residual = ThreadCounts.normal(5, 11 * 37, 0, 1);
        float[] weight = ThreadCounts.normal(6, 37 * 20, 0, 1);
        try (Device device = TestDevices.open(choice)) {
            Tensor added = device.upload(residual, 11, 37);
            LinearWeights weights = device.kernels().packLinear(device.upload(weight, 37, 20), null);
            Tensor out = device.allocate(11, 37);
            device.kernels().linear(device.allocate(11, 20), weights, Activation.NONE, added, out);
            assertThat(device.floats(added)).isEqualTo(residual);
            assertThat(device.floats(out)).isEqualTo(residual);
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheReference(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Safetensors file = ReferenceVectors.open("ops")) {
            LinearWeights weights = device.kernels()
                    .packLinear(
                            device.upload(file.floats("linear.weight"), 41, 77),
                            device.upload(file.floats("linear.bias"), 41));
            Tensor out = device.allocate(53, 41);
            device.kernels()
                    .linear(device.upload(file.floats("linear.x"), 53, 77), weights, Activation.NONE, null, out);
            assertClose("linear", device.floats(out), file.floats("linear.y"), Comparison.FORWARD);
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void namesTheShapesThatDoNotFit(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            LinearWeights weights = device.kernels().packLinear(device.allocate(4, 3), null);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.kernels()
                            .linear(device.allocate(2, 5), weights, Activation.NONE, null, device.allocate(2, 4)))
                    .withMessageContainingAll("linear", "[2, 5]", "[4, 3]", "[2, 4]");
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void closedWeightsAreNotCounted(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            long before = device.allocatedBytes();
            try (Tensor weight = device.allocate(40, 30)) {
                LinearWeights weights = device.kernels().packLinear(weight, null);
                assertThat(device.allocatedBytes()).isGreaterThanOrEqualTo(before + 2 * 4 * 40 * 30);
                weights.close();
                weights.close();
            }
            assertThat(device.allocatedBytes()).isEqualTo(before);
        }
    }
}
