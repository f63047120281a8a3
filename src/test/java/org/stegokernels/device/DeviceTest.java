package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.testing.TestDevices;

/** Memory of every device: copies, accounting, closing, and threads that take turns. */
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

    /** Guard zones before a buffer lie in the elements that a part leaves out. */
    @ParameterizedTest
    @MethodSource(ALL)
    void aPartIsMemoryWithinItsBuffer(Devices.Choice choice) {
        float[] values = new float[300];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        try (Device device = choice.provider().open(choice.info(), Device.Options.DEFAULT)) {
            long before = device.allocatedBytes();
            Tensor whole = device.upload(values, 300);
            Tensor part = device.part(whole, 128, ElementType.F32, Shape.of(2, 5));
            assumeThat(part).as("parts of this device's buffers").isNotNull();
            assertThat(device.floats(part)).containsExactly(128, 129, 130, 131, 132, 133, 134, 135, 136, 137);
            device.kernels().gelu(device.upload(new float[] {60, 0}, 2), part.view(2));
            assertThat(Arrays.copyOfRange(device.floats(whole), 127, 131)).containsExactly(127, 60, 0, 130);
            part.close();
            assertThat(device.allocatedBytes()).isLessThan(before + 300 * 4);
            assertThatIllegalStateException().isThrownBy(() -> whole.buffer().owner());
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
    void theValuesOfATensorBeginAnArray(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Tensor tensor = device.upload(new float[] {1, 2, 3}, 3);
            assertThat(Arrays.copyOf(device.values(tensor, new float[0]), 3)).containsExactly(1, 2, 3);
            assertThat(Arrays.copyOf(device.values(tensor.view(2), new float[5]), 2))
                    .containsExactly(1, 2);
            Tensor ints = device.allocate(ElementType.I32, Shape.of(3));
            assertThatIllegalArgumentException().isThrownBy(() -> device.values(ints, new float[3]));
            tensor.close();
            assertThatIllegalStateException().isThrownBy(() -> device.values(tensor, new float[3]));
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void aTensorIsCopiedIntoAPartOfAnother(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Tensor whole = device.upload(new float[] {1, 2, 3, 4, 5, 6, 7}, 7);
            Tensor some = device.upload(new float[] {8, 9, 10}, 3);
            device.copy(some.view(1, 2), whole.view(2, 3), 3);
            assertThat(device.floats(whole)).containsExactly(1, 2, 3, 8, 9, 6, 7);
            device.copy(some, whole, 4);
            assertThat(device.floats(whole)).containsExactly(1, 2, 3, 8, 8, 9, 10);
            device.copy(some.view(0), whole, 7);
            device.checkGuards();
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void aCopyThatDoesNotFitIsRefused(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            Tensor whole = device.allocate(7);
            Tensor some = device.allocate(3);
            Tensor ints = device.allocate(ElementType.I32, Shape.of(7));
            assertThatIllegalArgumentException().isThrownBy(() -> device.copy(some, whole, 5));
            assertThatIllegalArgumentException().isThrownBy(() -> device.copy(some, whole.view(4), 2));
            assertThatIllegalArgumentException().isThrownBy(() -> device.copy(some, whole, -1));
            assertThatIllegalArgumentException().isThrownBy(() -> device.copy(whole.view(2), whole, 3));
            assertThatIllegalArgumentException().isThrownBy(() -> device.copy(some, ints, 0));
            some.close();
            assertThatIllegalStateException().isThrownBy(() -> device.copy(some, whole, 0));
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
            Tensor view = tensor.view(2, 2);
            Tensor other = device.allocate(4);
            tensor.close();
            String closed = "the tensor is closed";
            assertThatIllegalStateException()
                    .isThrownBy(() -> device.floats(tensor))
                    .withMessage(closed);
            assertThatIllegalStateException()
                    .isThrownBy(() -> device.write(new float[4], view))
                    .withMessage(closed);
            assertThatIllegalStateException()
                    .isThrownBy(() -> device.kernels().gelu(other, tensor))
                    .withMessage(closed);
            assertThatIllegalStateException()
                    .isThrownBy(() -> device.kernels().packLinear(view, null))
                    .withMessage(closed);
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void closingTwiceDoesNothing(Devices.Choice choice) {
        Device device = TestDevices.open(choice);
        Tensor tensor = device.allocate(4, 4);
        LinearWeights weights = device.kernels().packLinear(tensor, null);
        Lattice lattice = device.kernels().allocateLattice(4, 4);
        device.kernels().buildLattice(tensor, lattice);
        device.close();
        assertThat(device.allocatedBytes()).isZero();
        for (int time = 0; time < 2; time++) {
            for (AutoCloseable closed : List.of(device, tensor, weights, lattice)) {
                assertThatCode(closed::close).doesNotThrowAnyException();
            }
        }
        assertThat(device.allocatedBytes()).isZero();
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void whatIsOnAnotherDeviceIsRefused(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Device other = TestDevices.open(choice)) {
            Tensor own = device.allocate(4, 4);
            Tensor foreign = other.upload(new float[16], 4, 4);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.floats(foreign))
                    .withMessageContainingAll(device.id(), "F32[4, 4]", "another device");
            assertThatIllegalArgumentException().isThrownBy(() -> device.write(new float[16], foreign));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.kernels().gelu(own, foreign));
            LinearWeights weights = other.kernels().packLinear(foreign, null);
            Tensor out = device.allocate(4, 4);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.kernels().linear(own, weights, Activation.NONE, null, out))
                    .withMessageContaining("a linear layer of another device");
            Lattice lattice = other.kernels().allocateLattice(4, 4);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.kernels().buildLattice(own, lattice))
                    .withMessageContaining("a lattice of another device");
            assertThat(device.floats(own)).containsOnly(0);
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void whatIsClosedIsRefused(Devices.Choice choice) {
        Device device = TestDevices.open(choice);
        Tensor x = device.allocate(4, 4);
        Tensor out = device.allocate(4, 4);
        LinearWeights weights = device.kernels().packLinear(x, null);
        weights.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> device.kernels().linear(x, weights, Activation.NONE, null, out))
                .withMessage("the linear layer is closed");
        Lattice lattice = device.kernels().allocateLattice(4, 4);
        lattice.close();
        lattice.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> device.kernels().buildLattice(x, lattice))
                .withMessage("the lattice is closed");
        Kernels kernels = device.kernels();
        device.close();
        String closed = "device " + device.id() + " is closed";
        assertThatIllegalStateException().isThrownBy(() -> kernels.gelu(x, out)).withMessage(closed);
        assertThatIllegalStateException().isThrownBy(() -> device.allocate(4)).withMessage(closed);
        assertThatIllegalStateException().isThrownBy(() -> device.floats(x)).withMessage(closed);
        assertThatIllegalStateException().isThrownBy(device::finish).withMessage(closed);
        assertThatIllegalStateException().isThrownBy(device::checkGuards).withMessage(closed);
        assertThatIllegalStateException().isThrownBy(device::kernelTimes).withMessage(closed);
        assertThatIllegalStateException()
                .isThrownBy(() -> device.requireMemory(1, "a test"))
                .withMessage(closed);
        assertThatIllegalStateException()
                .isThrownBy(() -> kernels.packLinear(x, null))
                .withMessage(closed);
        assertThatIllegalStateException()
                .isThrownBy(() -> kernels.allocateLattice(4, 4))
                .withMessage(closed);
        assertThatIllegalStateException()
                .isThrownBy(() -> device.training().fill(x, 1))
                .withMessage(closed);
        assertThat(device.allocatedBytes()).isZero();
    }

    /** Operations that use the memory a device keeps for itself, on tensors that each thread has made. */
    @ParameterizedTest
    @MethodSource(ALL)
    void threadsTakeTurns(Devices.Choice choice) throws Exception {
        try (Device device = TestDevices.open(choice)) {
            List<float[]> alone = new ArrayList<>();
            for (int thread = 0; thread < 6; thread++) {
                alone.add(mixture(device, thread));
            }
            ExecutorService threads = Executors.newFixedThreadPool(alone.size());
            List<Future<Integer>> wrong = new ArrayList<>();
            for (int thread = 0; thread < alone.size(); thread++) {
                int number = thread;
                wrong.add(threads.submit(() -> (int) IntStream.range(0, 60)
                        .filter(call -> !Arrays.equals(mixture(device, number), alone.get(number)))
                        .count()));
            }
            for (Future<Integer> each : wrong) {
                assertThat(each.get(2, TimeUnit.MINUTES)).isZero();
            }
            threads.shutdown();
            device.checkGuards();
        }
    }

    private static float[] mixture(Device device, int seed) {
        int tokens = 20 + 7 * seed;
        float[] values = new float[tokens * 96];
        Random random = new Random(seed);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        try (Tensor qkv = device.upload(values, 1, tokens, 96);
                Tensor attended = device.allocate(1, tokens, 32);
                Tensor weight = device.upload(Arrays.copyOf(values, 32 * 32), 32, 32);
                LinearWeights layer = device.kernels().packLinear(weight, null);
                Tensor out = device.allocate(1, tokens, 32)) {
            device.kernels().attention(qkv, 2, attended);
            device.kernels().linear(attended, layer, Activation.GELU, null, out);
            return device.floats(out);
        }
    }

    @Test
    void layersOfTheScalarFormAreNotThoseOfTheVectorForm() {
        try (Device vectors = TestDevices.open(Devices.choose("cpu"));
                Device scalar = TestDevices.open(Devices.choose("cpu:scalar"))) {
            LinearWeights weights = scalar.kernels().packLinear(scalar.allocate(20, 4), null);
            Tensor x = vectors.allocate(1, 4);
            Tensor out = vectors.allocate(1, 20);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> vectors.kernels().linear(x, weights, Activation.NONE, null, out));
        }
    }
}
