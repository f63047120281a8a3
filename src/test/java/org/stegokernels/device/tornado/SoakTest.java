package org.stegokernels.device.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.testing.ProcessMemory;
import org.stegokernels.testing.ReferenceVectors;

/**
 * Segmentation after segmentation, of photographs of two sizes: the device's memory, what TornadoVM says of it, the process
 * and the heap stay where they are, and nothing is compiled any more. {@code -Dstego.soak=1000} makes it longer.
 */
class SoakTest {
    private static final int IMAGES = Integer.getInteger("stego.soak", 200);
    private static final int SETTLED = 20;
    /** The heap's own size moves; the memory that one segmentation would leave is more than this after a hundred. */
    private static final long RESIDENT_MARGIN = 48L << 20;

    private static final long HEAP_MARGIN = 24L << 20;
    private static final int[][] SIZES = {{64, 96}, {96, 64}};

    @Test
    void memoryStaysWhereItIs() throws IOException {
        try (TornadoDevice device = TornadoDevices.open(Device.Options.DEFAULT);
                Stego model = Stego.load(ReferenceVectors.open("pipeline"), device);
                Segmenter segmenter = Segmenter.of(model, Segmenter.Options.DEFAULT.withSize(64))) {
            Machine machine = device.machine();
            long allocated = 0;
            long capacity = 0;
            long free = 0;
            long reported = 0;
            int compilations = 0;
            long heap = 0;
            long resident = 0;
            for (int i = 0; i < IMAGES; i++) {
                int[] size = SIZES[i % SIZES.length];
                segmenter.segment(stripes(size[0], size[1], i % 7));
                if (i == SETTLED) {
                    allocated = device.allocatedBytes();
                    capacity = machine.capacity(ElementType.F32) + machine.capacity(ElementType.I32);
                    free = machine.free(ElementType.F32) + machine.free(ElementType.I32);
                    reported = machine.reportedBytes();
                    compilations = machine.compilations();
                    heap = ProcessMemory.heapBytes();
                }
                if (i == Math.max(SETTLED, IMAGES / 2)) {
                    ProcessMemory.heapBytes();
                    resident = ProcessMemory.residentBytes();
                }
            }
            assertThat(device.allocatedBytes()).isEqualTo(allocated);
            assertThat(machine.capacity(ElementType.F32) + machine.capacity(ElementType.I32))
                    .isEqualTo(capacity);
            assertThat(machine.free(ElementType.F32) + machine.free(ElementType.I32))
                    .isEqualTo(free);
            assertThat(machine.reportedBytes()).isEqualTo(reported);
            assertThat(machine.compilations()).isEqualTo(compilations);
            assertThat(ProcessMemory.heapBytes()).isLessThan(heap + HEAP_MARGIN);
            assertThat(ProcessMemory.residentBytes()).isLessThan(resident + RESIDENT_MARGIN);
        }
    }

    /** With some noise, so that the lattices differ from image to image. */
    private static RgbImage stripes(int width, int height, int seed) {
        byte[] rgb = new byte[3 * width * height];
        Random random = new Random(seed);
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) ((i / 300 * 37 + seed * 11 + i % 3 * 50 + random.nextInt(8)) & 0x7f);
        }
        return new RgbImage(width, height, rgb);
    }
}
