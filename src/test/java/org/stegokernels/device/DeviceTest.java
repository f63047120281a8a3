package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.ElementType;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;

/** What every device does with memory. */
class DeviceTest {
    private static final String ALL = "org.stegokernels.testing.TestDevices#all";

    @ParameterizedTest
    @MethodSource(ALL)
    void newMemoryIsZero(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            assertThat(device.floats(device.allocate(3, 5))).containsExactly(new float[15]);
            assertThat(device.ints(device.allocate(ElementType.I32, Shape.of(7))))
                    .containsExactly(new int[7]);
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void whatWasWrittenIsRead(Devices.Choice choice) {
        float[] floats = {1.5f, -0f, Float.MIN_VALUE, Float.NEGATIVE_INFINITY, Float.NaN, 7};
        int[] ints = {1, Integer.MIN_VALUE, -1};
        try (Device device = TestDevices.open(choice)) {
            assertThat(device.floats(device.upload(floats, 2, 3))).containsExactly(floats);
            assertThat(device.ints(device.upload(ints, 3))).containsExactly(ints);
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void aViewSharesMemory(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Tensor whole = device.upload(new float[] {1, 2, 3, 4, 5, 6}, 6);
            device.write(new float[] {9, 8}, whole.view(1, 2));
            assertThat(device.floats(whole)).containsExactly(9, 8, 3, 4, 5, 6);
            assertThat(device.floats(whole.view(3))).containsExactly(9, 8, 3);
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void aCopyKeepsToTheTensorsSize(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Tensor tensor = device.upload(new float[] {1, 2, 3}, 2);
            float[] target = {7, 7, 7};
            device.read(tensor, target);
            assertThat(target).containsExactly(1, 2, 7);
            device.checkGuards();
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void aCopyOfWrongLengthOrTypeIsRefused(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Tensor floats = device.allocate(4);
            Tensor ints = device.allocate(ElementType.I32, Shape.of(4));
            assertThatIllegalArgumentException().isThrownBy(() -> device.write(new float[3], floats));
            assertThatIllegalArgumentException().isThrownBy(() -> device.read(floats, new float[3]));
            assertThatIllegalArgumentException().isThrownBy(() -> device.write(new int[3], ints));
            assertThatIllegalArgumentException().isThrownBy(() -> device.read(ints, new int[3]));
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void memoryIsCountedUntilItIsFreed(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            long before = device.allocatedBytes();
            Tensor tensor = device.allocate(1000);
            LinearWeights weights = device.kernels().packLinear(device.allocate(33, 65), null);
            assertThat(device.allocatedBytes()).isGreaterThanOrEqualTo(before + 4 * (1000 + 2 * 33 * 65));
            tensor.close();
            tensor.close();
            weights.close();
            weights.close();
            assertThat(device.allocatedBytes()).isEqualTo(before + 4 * 33 * 65);
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void aClosedTensorIsNotUsed(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Tensor tensor = device.allocate(4);
            tensor.close();
            assertThatCode(() -> device.floats(tensor)).isInstanceOf(RuntimeException.class);
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void closingTwiceDoesNothing(Devices.Choice choice) {
        Device device = TestDevices.open(choice);
        device.allocate(4);
        device.close();
        assertThatCode(device::close).doesNotThrowAnyException();
    }
}
