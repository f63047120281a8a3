package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.stegokernels.crf.DenseCrf;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.testing.ProcessMemory;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.Safetensors;

/**
 * Image after image, of several sizes: device memory, native memory and heap stay where they are, and OpenCL is asked for
 * no more memory. {@code -Dstego.soak=1000} makes it longer (a multiple of ten). Native memory is told best if Java's heap
 * has no part in its growth: {@code JAVA_TOOL_OPTIONS="-Xms256m -Xmx256m -XX:+AlwaysPreTouch"}.
 */
class SoakTest {
    private static final int IMAGES = Integer.getInteger("stego.soak", 60);
    /** Photographs after which each size has been there with each seed. */
    private static final int SETTLED = 20;
    /** Segmentations of five photographs: the CRF keeps lattices of the last two sizes. */
    private static final int SEGMENTATIONS_SETTLED = 10;

    private static final int CLASSES = 5;
    private static final int DEPTH = 20;
    /** Drivers keep pools of their own. In a long run Java's heap comes into it, which half of the run has to fill first. */
    private static final long NATIVE_MARGIN = 48L << 20;

    private static final long HEAP_MARGIN = 24L << 20;
    private static final int[][] SIZES = {{64, 96}, {96, 64}};

    /** The resources taken: bytes of tensors and workspace, OpenCL buffers ever made, resident bytes, bytes of heap. */
    private record Memory(long allocated, long created, long resident, long heap) {
        static Memory of(OpenClDevice device) {
            return new Memory(
                    device.allocatedBytes(),
                    device.pool().created(),
                    ProcessMemory.residentBytes(),
                    ProcessMemory.heapBytes());
        }

        void tell(String what, int images) {
            System.out.printf(
                    Locale.ROOT,
                    "soak of %s, after %d: %d bytes on the device, %d buffers made, %.1f MiB resident,"
                            + " %.1f MiB heap%n",
                    what,
                    images,
                    allocated,
                    created,
                    resident / 1048576.0,
                    heap / 1048576.0);
        }
    }

    private static OpenClDevice open() {
        OpenClRuntime.Found found = OpenClDevices.first();
        Limits limits = Limits.of(found.device());
        return new OpenClDevice(found, limits, Tuning.of(limits), Device.Options.DEFAULT);
    }

    /** Does something with image after image, and looks at the memory when it should have settled and in the end. */
    private static void soak(String what, OpenClDevice device, int settling, IntConsumer work) {
        Memory settled = null;
        Memory half = null;
        for (int i = 1; i <= IMAGES; i++) {
            work.accept(i);
            if (i == settling) {
                settled = Memory.of(device);
                settled.tell(what, i);
            }
            if (i == Math.max(settling, IMAGES / 2)) {
                half = Memory.of(device);
                half.tell(what, i);
            }
        }
        Memory end = Memory.of(device);
        end.tell(what, IMAGES);
        assertThat(end.allocated).isEqualTo(settled.allocated);
        assertThat(end.created).isEqualTo(settled.created);
        assertThat(end.resident).isLessThan(half.resident + NATIVE_MARGIN);
        assertThat(end.heap).isLessThan(settled.heap + HEAP_MARGIN);
    }

    @Test
    void segmentationsTakeNoMoreMemory() {
        int[][] sizes = {{96, 64}, {64, 96}, {80, 72}, {64, 64}, {72, 80}};
        List<RgbImage> photographs = Arrays.stream(sizes)
                .map(size -> new RgbImage(size[0], size[1], colors(size[0] * size[1], size[0])))
                .toList();
        try (OpenClDevice device = open();
                Safetensors file = ReferenceVectors.open("pipeline");
                Stego model = Stego.load(file, device);
                Segmenter segmenter = Segmenter.of(model, Segmenter.Options.DEFAULT.withSize(64))) {
            soak("segmentations", device, SEGMENTATIONS_SETTLED, i -> {
                Segmentation result = segmenter.segment(photographs.get(i % photographs.size()));
                assertThat(Arrays.stream(result.shares()).sum()).isCloseTo(1, within(1e-9));
            });
        }
    }

    /** A transformer, a CRF and the operations of training, which keep memory of their own. */
    @Test
    void operationsTakeNoMoreMemory() {
        try (OpenClDevice device = open();
                Safetensors file = ReferenceVectors.open("vit_micro_p8");
                Backbone model = Backbone.load(file, "weights.", device);
                DenseCrf crf = new DenseCrf(device, DenseCrf.Settings.DEFAULT)) {
            soak("operations", device, SETTLED, i -> {
                int[] size = SIZES[i % SIZES.length];
                image(device, model, crf, size, i % 7);
                train(device, size, i % 7);
            });
        }
    }

    private static void image(Device device, Backbone model, DenseCrf crf, int[] size, int seed) {
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
            kernels.crossEntropy(logits.view(1, height, width, CLASSES), labels, null, 1, gradient, loss);
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
