package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.stegokernels.crf.CrfSettings;
import org.stegokernels.crf.DenseCrf;
import org.stegokernels.device.Activation;
import org.stegokernels.device.CorrespondenceRule;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceOptions;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.ElementType;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ProcessMemory;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.vit.FeatureKind;
import org.stegokernels.vit.VisionTransformer;
import org.stegokernels.weights.Safetensors;

/**
 * Image after image of two sizes through a transformer, a CRF and the operations of training: device memory, native
 * memory and heap stay where they are, and OpenCL is asked for no more memory. {@code -Dstego.soak=1000} makes it longer.
 */
class SoakTest {
    private static final int IMAGES = Integer.getInteger("stego.soak", 60);
    private static final int SETTLED = 20;
    private static final int CLASSES = 5;
    private static final int DEPTH = 20;
    /** Drivers keep pools of their own. In a long run Java's heap comes into it, which half of the run has to fill first. */
    private static final long NATIVE_MARGIN = 48L << 20;

    private static final long HEAP_MARGIN = 24L << 20;
    private static final int[][] SIZES = {{64, 96}, {96, 64}};

    @Test
    void memoryStaysWhereItIs() throws IOException {
        OpenClRuntime.Found found = OpenClDevices.first();
        Limits limits = Limits.of(found.device());
        try (OpenClDevice device = new OpenClDevice(found, limits, Tuning.of(limits), DeviceOptions.DEFAULT);
                Safetensors file = ReferenceVectors.open("vit_micro_p8");
                VisionTransformer model = VisionTransformer.load(file, "weights.", device);
                DenseCrf crf = new DenseCrf(device, CrfSettings.DEFAULT)) {
            long allocated = 0;
            long created = 0;
            int buffers = 0;
            long resident = 0;
            long heap = 0;
            for (int i = 0; i < IMAGES; i++) {
                image(device, model, crf, SIZES[i % SIZES.length], i % 7);
                train(device, SIZES[i % SIZES.length], i % 7);
                if (i == SETTLED) {
                    allocated = device.allocatedBytes();
                    created = device.pool().created();
                    buffers = device.pool().buffers().size();
                    heap = ProcessMemory.heapBytes();
                }
                if (i == Math.max(SETTLED, IMAGES / 2)) {
                    resident = ProcessMemory.residentBytes();
                }
            }
            assertThat(device.allocatedBytes()).isEqualTo(allocated);
            assertThat(device.pool().created()).isEqualTo(created);
            assertThat(device.pool().buffers()).hasSize(buffers);
            assertThat(ProcessMemory.residentBytes()).isLessThan(resident + NATIVE_MARGIN);
            assertThat(ProcessMemory.heapBytes()).isLessThan(heap + HEAP_MARGIN);
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

    /** Operations that keep memory of their own, on the size of an image's patches. */
    private static void train(Device device, int[] size, int seed) {
        int height = size[0] / 8;
        int width = size[1] / 8;
        int patches = height * width;
        TrainingKernels kernels = device.training();
        try (Tensor x = device.upload(ThreadCounts.normal(seed, patches * DEPTH, 0, 1), patches, DEPTH);
                Tensor weight = device.upload(ThreadCounts.normal(1, CLASSES * DEPTH, 0, 1), CLASSES, DEPTH);
                Tensor logits = device.allocate(patches, CLASSES);
                Tensor gradient = device.allocate(1, height, width, CLASSES);
                Tensor gradWeight = device.allocate(CLASSES, DEPTH);
                Tensor gradX = device.allocate(1, patches, DEPTH);
                Tensor labels = device.upload(new int[size[0] * size[1]], 1, size[0], size[1]);
                Tensor best = device.allocate(patches, 3);
                Tensor indices = device.allocate(ElementType.I32, Shape.of(patches, 3));
                Tensor loss = device.allocate(1)) {
            Tensor image = x.view(1, patches, DEPTH);
            kernels.normalizeGradient(x, 1e-12f, x, x);
            kernels.linear(x, weight, null, Activation.NONE, null, logits);
            kernels.crossEntropy(logits.view(1, height, width, CLASSES), labels, 1, gradient, loss);
            kernels.linearGradient(x, weight, gradient.view(patches, CLASSES), gradX, gradWeight, null);
            kernels.correspondence(
                    image, image, image, image, new CorrespondenceRule(true, true, false, 0.1f), 1, gradX, gradX, loss);
            kernels.topK(x, x, best, indices);
            assertThat(device.floats(loss)[0]).isNotNaN();
        }
    }

    private static byte[] colors(int pixels, int seed) {
        byte[] rgb = new byte[3 * pixels];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) ((i / 300 * 37 + seed * 11 + i % 3 * 50) & 0x7f);
        }
        return rgb;
    }
}
