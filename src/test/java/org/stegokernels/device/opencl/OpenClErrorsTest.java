package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jocl.CL;
import org.jocl.CLException;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.Tensor;

/** A failure on a device ends in a typed error with a remedy, and nothing touches the device afterwards. */
class OpenClErrorsTest {
    private static OpenClContext open() {
        OpenClRuntime.Found found = OpenClDevices.first();
        Limits limits = Limits.of(found.device());
        return new OpenClContext(found, limits, Tuning.of(limits), Device.Options.DEFAULT);
    }

    private static OpenClDevice device(Limits limits) {
        return new OpenClDevice(OpenClDevices.first(), limits, Tuning.of(limits), Device.Options.DEFAULT);
    }

    /** A device that thinks it has 8 MiB, and 2 in a buffer. */
    private static OpenClDevice small() {
        return small(8 << 20);
    }

    private static OpenClDevice small(int memory) {
        Limits real = Limits.of(OpenClDevices.first().device());
        return device(new Limits(
                real.identity(),
                real.gpu(),
                memory,
                memory / 4,
                real.localMemory(),
                real.workGroup(),
                real.computeUnits(),
                real.vector(),
                real.vendor(),
                real.matrixUnits()));
    }

    private static CLException error(int status) {
        return new CLException(CL.stringFor_errorCode(status), status);
    }

    @Test
    void aBufferThatIsTooLargeIsRefusedWithBothSizes() {
        try (Device device = small()) {
            assertThatThrownBy(() -> device.allocate(1 << 20))
                    .isInstanceOf(DeviceException.OutOfMemory.class)
                    .hasMessageContainingAll("[1048576]", "4 MiB", "2 MiB", "--size");
            assertThat(device.floats(device.upload(new float[] {1, 2}, 2))).containsExactly(1, 2);
        }
    }

    @Test
    void moreThanThereIsIsRefusedWithBothSizes() {
        try (Device device = small()) {
            for (int i = 0; i < 3; i++) {
                device.allocate(1 << 19);
            }
            assertThatThrownBy(() -> device.requireMemory(5 << 20, "model m"))
                    .isInstanceOf(DeviceException.OutOfMemory.class)
                    .hasMessageContainingAll("model m", "5 MiB", "2 MiB of 8 MiB");
            assertThatCode(() -> device.requireMemory(1 << 20, "model m")).doesNotThrowAnyException();
        }
    }

    @Test
    void aModelThatIsTooLargeIsRefusedBeforeTheDeviceIsTouched() {
        try (OpenClDevice device = small(1 << 20)) {
            assertThatThrownBy(() -> Stego.demo(device))
                    .isInstanceOf(DeviceException.OutOfMemory.class)
                    .hasMessageMatching(".*model demo needs \\d+ MiB, 1 MiB of 1 MiB are free.*--device cpu");
            assertThat(device.pool().created()).isZero();
            assertThat(device.allocatedBytes()).isZero();
        }
    }

    /** Training keeps memory of its own: what it asks for is weighed like a tensor, and the device stays usable. */
    @Test
    void workspaceThatIsTooLargeIsRefusedWithBothSizes() {
        try (Device device = small()) {
            Tensor features = device.allocate(1, 1000, 1);
            Tensor gradient = device.allocate(1, 1000, 1);
            Tensor loss = device.allocate(1);
            CorrespondenceRule rule = new CorrespondenceRule(true, true, false, 0);
            assertThatThrownBy(() -> device.training()
                            .correspondence(features, features, features, features, rule, 1, gradient, gradient, loss))
                    .isInstanceOf(DeviceException.OutOfMemory.class)
                    .hasMessageContainingAll("correlations of features", "3 MiB", "2 MiB");
            assertThat(device.floats(device.upload(new float[] {1, 2}, 2))).containsExactly(1, 2);
        }
    }

    @Test
    void memoryThatWasGivenBackIsUsedAgain() {
        try (Device device = small()) {
            for (int i = 0; i < 100; i++) {
                device.allocate(1 << 19).close();
            }
            assertThat(device.allocatedBytes()).isZero();
        }
    }

    @Test
    void anErrorClosesTheContextForGood() {
        OpenClContext context = open();
        assertThatThrownBy(() -> context.attempt("running gelu", () -> {
                    throw error(CL.CL_INVALID_COMMAND_QUEUE);
                }))
                .isInstanceOf(DeviceException.Lost.class)
                .hasMessageContainingAll("running gelu", "CL_INVALID_COMMAND_QUEUE", "start again");
        assertThatThrownBy(context::finish)
                .isInstanceOf(DeviceException.Lost.class)
                .hasMessageContaining("given up after it failed at running gelu");
        assertThatThrownBy(() -> context.programs().kernel("gelu", "gelu", ""))
                .isInstanceOf(DeviceException.Lost.class);
        assertThatCode(context::close).doesNotThrowAnyException();
    }

    @Test
    void theDriversOwnLackOfMemoryIsNamed() {
        OpenClContext context = open();
        assertThatThrownBy(() -> context.attempt("running attention", () -> {
                    throw error(CL.CL_MEM_OBJECT_ALLOCATION_FAILURE);
                }))
                .isInstanceOf(DeviceException.OutOfMemory.class)
                .hasMessageContainingAll("running attention", "MiB", "--size");
    }

    /** So that 'tune' goes on with the next size. */
    @Test
    void groupsThatAKernelDoesNotFitInAreNoLostDevice() {
        OpenClContext context = open();
        assertThatThrownBy(() -> context.attempt("running linear", () -> {
                    throw error(CL.CL_INVALID_WORK_GROUP_SIZE);
                }))
                .isInstanceOf(DeviceException.KernelBuild.class)
                .hasMessageContainingAll("running linear", "CL_INVALID_WORK_GROUP_SIZE", "tune");
    }

    @Test
    void aKernelThatIsRefusedComesWithTheCompilersWords() {
        try (OpenClContext context = open()) {
            assertThatThrownBy(() -> context.programs().kernel("gelu", "gelu", "-DV=16 -DLANES=1 -DBLOCK=undeclared"))
                    .isInstanceOf(DeviceException.KernelBuild.class)
                    .hasMessageContainingAll("gelu.cl", "undeclared", "error");
            assertThatCode(context::finish).doesNotThrowAnyException();
        }
    }

    @Test
    void aDeviceThatIsNotThereIsNamed() {
        OpenClDevices.first();
        assertThatThrownBy(() -> OpenClRuntime.get().find("opencl:99"))
                .isInstanceOf(DeviceException.NotFound.class)
                .hasMessageContaining("opencl:99");
    }

    @Test
    void aClosedDeviceIsNotTouched() {
        Device device = device(Limits.of(OpenClDevices.first().device()));
        Tensor tensor = device.allocate(4);
        device.close();
        assertThatThrownBy(() -> device.allocate(4)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> device.kernels().gelu(tensor, tensor)).isInstanceOf(RuntimeException.class);
        assertThatCode(tensor::close).doesNotThrowAnyException();
    }

    @Test
    void everyErrorIsADeviceException() {
        for (int status = -70; status < 0; status++) {
            DeviceException mapped = Errors.of("opencl:0", "something", error(status), 1 << 20, 1 << 30);
            assertThat(mapped).hasMessageContaining("something");
        }
    }
}
