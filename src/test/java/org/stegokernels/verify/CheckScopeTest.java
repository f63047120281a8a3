package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;

class CheckScopeTest {
    private final Device device = TestDevices.open(Devices.choose("cpu"));

    @AfterEach
    void close() {
        device.close();
    }

    private static Comparison passing() {
        return Comparison.largest(new float[] {0}, new float[] {0}, Comparison.EXACT);
    }

    private Comparison sumOf(int elements) throws Exception {
        return CheckScope.runTwice(device, () -> scope -> {
            Tensor input = scope.input(new float[] {1, 2, 3}, 3);
            float sum = 0;
            for (float value : device.floats(input.view(elements))) {
                sum += value;
            }
            scope.inOut(new float[] {sum}, 1);
            return passing();
        });
    }

    @Test
    void theSameBitsInBothRunsPass() throws Exception {
        assertThat(sumOf(3).passed()).isTrue();
    }

    @Test
    void aResultThatHangsOnWhatLiesPastTheEndIsFound() {
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> sumOf(4))
                .withMessageContaining("reads outside of a buffer");
    }

    /** NaN alone would not show: a maximum drops it. */
    @Test
    void aResultThatHangsOnWhatAnOutputHeldBeforeIsFound() {
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> CheckScope.runTwice(device, () -> scope -> {
                    float[] held = device.floats(scope.output(1));
                    scope.inOut(new float[] {held[0] > 1 ? held[0] : 1}, 1);
                    return passing();
                }))
                .withMessageContaining("what it has not written");
    }
}
