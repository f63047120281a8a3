package org.stegokernels.device.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** A write outside of a buffer is found, whatever was written. */
class GuardTest {
    private static Device open(boolean guards) {
        return Devices.choose("cpu").open(new Device.Options(1, guards));
    }

    @Test
    void anOverrunOfFloatsIsFound() {
        for (float written : new float[] {0, Float.NaN, 1}) {
            try (Device device = open(true)) {
                device.allocate(3);
                Tensor tensor = device.allocate(5);
                CpuDevice.array(tensor)[5] = written;
                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(device::checkGuards)
                        .withMessageContaining("cpu")
                        .withMessageContaining("5 F32");
            }
        }
    }

    @Test
    void anOverrunOfIntegersIsFound() {
        try (Device device = open(true)) {
            Tensor tensor = device.allocate(ElementType.I32, Shape.of(5));
            int[] memory = CpuDevice.intArray(tensor);
            memory[memory.length - 1] = 0;
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(device::checkGuards)
                    .withMessageContaining("5 I32");
        }
    }

    /** Arrays have no elements before the first: Java itself refuses, so no zone is needed there. */
    @Test
    void aWriteBeforeABufferIsRefused() {
        try (Device device = open(true)) {
            FloatVector vector = FloatVector.zero(FloatVector.SPECIES_128);
            Tensor tensor = device.allocate(5);
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> vector.intoArray(CpuDevice.array(tensor), -1));
        }
    }

    /** As a kernel does that copies whole vectors, with their ends. */
    @Test
    void aCopyOfAnotherBuffersZoneIsFound() {
        try (Device device = open(true)) {
            Tensor from = device.allocate(5);
            Tensor to = device.allocate(5);
            System.arraycopy(CpuDevice.array(from), 0, CpuDevice.array(to), 0, 5 + 16);
            assertThatExceptionOfType(DeviceException.class).isThrownBy(device::checkGuards);
        }
    }

    @Test
    void guardsDoNotCountAsMemoryTaken() {
        try (Device device = open(true)) {
            Tensor tensor = device.allocate(5);
            assertThat(device.allocatedBytes()).isEqualTo(20);
            tensor.close();
            assertThat(device.allocatedBytes()).isZero();
        }
    }

    @Test
    void memoryThatWasFreedIsNotExamined() {
        try (Device device = open(true)) {
            Tensor tensor = device.allocate(5);
            CpuDevice.array(tensor)[5] = 1;
            tensor.close();
            assertThatCode(device::checkGuards).doesNotThrowAnyException();
        }
    }

    @Test
    void withoutGuardsThereIsNothingToFind() {
        try (Device device = open(false)) {
            device.allocate(5);
            assertThatCode(device::checkGuards).doesNotThrowAnyException();
        }
    }
}
