package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.stegokernels.crf.CrfSettings;
import org.stegokernels.crf.DenseCrf;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceOptions;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.vit.FeatureKind;
import org.stegokernels.vit.VisionTransformer;
import org.stegokernels.weights.Safetensors;

/**
 * Image after image of two sizes through a transformer and a CRF: device memory, native memory and heap stay where they
 * are. {@code -Dstego.soak=1000} makes it longer.
 */
class SoakTest {
    private static final int IMAGES = Integer.getInteger("stego.soak", 60);
    private static final int SETTLED = 20;
    private static final int CLASSES = 5;
    /** Drivers keep pools of their own. */
    private static final long NATIVE_MARGIN = 48L << 20;

    private static final long HEAP_MARGIN = 24L << 20;
    private static final int[][] SIZES = {{64, 96}, {96, 64}};

    @Test
    void memoryStaysWhereItIs() throws IOException {
        OpenClRuntime.Found found = OpenClDevices.first();
        Limits limits = Limits.of(found.device());
        try (Device device = new OpenClDevice(found, limits, Tuning.of(limits), DeviceOptions.DEFAULT);
                Safetensors file = ReferenceVectors.open("vit_micro_p8");
                VisionTransformer model = VisionTransformer.load(file, "weights.", device);
                DenseCrf crf = new DenseCrf(device, CrfSettings.DEFAULT)) {
            long allocated = 0;
            long resident = 0;
            long heap = 0;
            for (int i = 0; i < IMAGES; i++) {
                image(device, model, crf, SIZES[i % SIZES.length], i % 7);
                if (i == SETTLED) {
                    allocated = device.allocatedBytes();
                    resident = residentBytes();
                    heap = heapBytes();
                }
            }
            assertThat(device.allocatedBytes()).isEqualTo(allocated);
            assertThat(residentBytes()).isLessThan(resident + NATIVE_MARGIN);
            assertThat(heapBytes()).isLessThan(heap + HEAP_MARGIN);
        }
    }

    private static void image(Device device, VisionTransformer model, DenseCrf crf, int[] size, int seed) {
        int height = size[0];
        int width = size[1];
        int pixels = height * width;
        try (Tensor input = device.upload(ThreadCounts.normal(seed, 3 * pixels, 0, 1), 1, 3, height, width);
                Tensor logits = device.upload(ThreadCounts.normal(seed, pixels * CLASSES, 0, 1), pixels, CLASSES);
                Tensor out = device.allocate(pixels, CLASSES)) {
            Tensor features = model.features(input, FeatureKind.FEAT);
            assertThat(device.floats(features)).doesNotContain(Float.NaN);
            crf.infer(logits, colors(pixels, seed), width, height, out);
            assertThat(device.floats(out)).doesNotContain(Float.NaN);
        }
    }

    private static byte[] colors(int pixels, int seed) {
        byte[] rgb = new byte[3 * pixels];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) ((i / 300 * 37 + seed * 11 + i % 3 * 50) & 0x7f);
        }
        return rgb;
    }

    /** 0 where the system doesn't tell. */
    private static long residentBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        List<String> lines = Files.readAllLines(status);
        return lines.stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElse(0);
    }

    private static long heapBytes() {
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
