package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;

class GrowingBufferTest {
    @Test
    void itGrowsToTheLargestSizeAndStays() {
        try (Device device = TestDevices.open(Devices.choose("cpu"));
                GrowingBuffer buffer = new GrowingBuffer(device)) {
            assertThat(device.allocatedBytes()).isZero();
            Tensor small = buffer.view(2, 3);
            assertThat(small.shape().dims()).containsExactly(2, 3);
            Tensor large = buffer.view(5, 4);
            assertThat(device.allocatedBytes()).isEqualTo(20 * Float.BYTES);
            assertThatIllegalStateException().isThrownBy(() -> device.floats(small));

            device.write(new float[] {1, 2}, buffer.view(2));
            assertThat(device.floats(large)).startsWith(1, 2);
            assertThat(device.allocatedBytes()).isEqualTo(20 * Float.BYTES);

            buffer.close();
            assertThat(device.allocatedBytes()).isZero();
            assertThat(device.floats(buffer.view(1))).containsExactly(0);
        }
    }
}
