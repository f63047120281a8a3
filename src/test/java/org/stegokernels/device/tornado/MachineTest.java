package org.stegokernels.device.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.Safetensors;

/** The memory of a TornadoVM device, and when its kernels are compiled. */
class MachineTest {
    private TornadoDevice device;
    private Machine machine;

    @BeforeEach
    void open() {
        device = TornadoDevices.open(new Device.Options(0, true));
        machine = device.machine();
    }

    @AfterEach
    void close() {
        if (device != null) {
            device.checkGuards();
            device.close();
        }
    }

    /** Takes all there is, so that the arrays have to become longer. */
    private Tensor moreThanThereIs() {
        return device.allocate(Math.toIntExact(machine.capacity(ElementType.F32)));
    }

    @Test
    void memoryGivenBackIsUsedAgain() {
        Tensor kept = device.upload(new float[] {1, 2, 3}, 3);
        long allocated = device.allocatedBytes();
        int start;
        try (Tensor first = device.upload(ThreadCounts.normal(1, 1000, 0, 1), 10, 100)) {
            start = TornadoBuffer.memory(first).start();
        }
        assertThat(device.allocatedBytes()).isEqualTo(allocated);
        try (Tensor second = device.allocate(10, 100)) {
            assertThat(TornadoBuffer.memory(second).start()).isEqualTo(start);
            assertThat(device.floats(second)).containsOnly(0);
        }
        assertThat(device.floats(kept)).containsExactly(1, 2, 3);
    }

    @Test
    void arraysBecomeLongerAndKeepWhatIsInThem() {
        float[] values = ThreadCounts.normal(2, 5000, 0, 1);
        int[] numbers = {7, -1, Integer.MIN_VALUE, 1 << 30};
        Tensor floats = device.upload(values, values.length);
        Tensor ints = device.upload(numbers, numbers.length);
        long capacity = machine.capacity(ElementType.F32);
        long integers = machine.capacity(ElementType.I32);
        try (Tensor large = moreThanThereIs()) {
            assertThat(machine.capacity(ElementType.F32)).isEqualTo(2 * capacity);
            assertThat(machine.capacity(ElementType.I32)).isEqualTo(integers);
            assertThat(device.floats(floats)).isEqualTo(values);
            assertThat(device.ints(ints)).isEqualTo(numbers);
            device.kernels().gelu(floats, large.view(values.length));
            assertThat(device.floats(floats)).isEqualTo(values);
        }
        device.checkGuards();
        device.close();
        open();
        assertThat(machine.capacity(ElementType.F32)).isEqualTo(capacity);
    }

    @Test
    void moreThanTheDeviceHasIsRefusedWithWhatToDo() {
        long before = device.allocatedBytes();
        assertThatThrownBy(() -> device.requireMemory(machine.largest(), "a photograph"))
                .isInstanceOf(DeviceException.OutOfMemory.class)
                .hasMessageContaining("a photograph needs")
                .hasMessageContaining("--size");
        assertThat(device.allocatedBytes()).isEqualTo(before);
        try (Tensor small = device.upload(new float[] {4}, 1)) {
            assertThat(device.floats(small)).containsExactly(4);
        }
    }

    /** Sizes are arguments of the kernels: only where their memory is, is compiled into them. */
    @Test
    void anImageCompilesNothingAfterTheFirstUntilMemoryMoves() {
        try (Safetensors file = ReferenceVectors.open("vit_micro_p8");
                Backbone model = Backbone.load(file, "weights.", device)) {
            float[] first = features(model, 64, 96);
            int compiled = machine.compilations();
            assertThat(compiled).isPositive();
            assertThat(features(model, 64, 96)).isEqualTo(first);
            features(model, 96, 64);
            features(model, 104, 72);
            assertThat(machine.compilations()).isEqualTo(compiled);

            try (Tensor large = moreThanThereIs()) {
                assertThat(features(model, 64, 96)).isEqualTo(first);
                int again = machine.compilations();
                assertThat(again).isGreaterThan(compiled);
                features(model, 104, 72);
                assertThat(machine.compilations()).isEqualTo(again);
            }
        }
    }

    private float[] features(Backbone model, int height, int width) {
        float[] pixels = ThreadCounts.normal(height, 3 * height * width, 0, 1);
        try (Tensor image = device.upload(pixels, 1, 3, height, width)) {
            return device.floats(model.features(image, FeatureKind.FEAT));
        }
    }

    @Test
    void integersHaveAnArrayOfTheirOwn() {
        long floats = machine.free(ElementType.F32);
        long integers = machine.free(ElementType.I32);
        try (Tensor labels = device.allocate(ElementType.I32, Shape.of(1000))) {
            assertThat(machine.free(ElementType.F32)).isEqualTo(floats);
            assertThat(machine.free(ElementType.I32)).isLessThanOrEqualTo(integers - 1000);
        }
        assertThat(machine.free(ElementType.I32)).isEqualTo(integers);
    }
}
