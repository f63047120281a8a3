package org.stegokernels.stego;

import java.util.List;
import java.util.Random;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * Runs the operations of a segmentation on tiny tensors, so that the virtual machine has compiled them when the first
 * photograph comes. Until then each vector operation is a method call and a thousand times slower. Meant for a thread
 * of its own, while the model is loaded and the photograph decoded: it halves the time to the first result.
 */
final class WarmUp {
    /** Calls of each operation: its inner loops then run often enough to be compiled, also by the second compiler. */
    private static final int CALLS = 20;

    private static final int CRF_CALLS = 6;
    private static final int PATCH = 4;
    private static final int ROWS = 4;
    private static final int COLUMNS = 8;
    private static final int CHANNELS = 32;
    /** On AVX-512 two vectors and one, on AVX2 four and one: loops for several at a time are run, and that for the rest. */
    private static final int CLASSES = 40;

    private static final int SCALE = 4;

    private final Device device;
    private final Kernels kernels;
    private final Random random = new Random(0);

    private WarmUp(Device device) {
        this.device = device;
        this.kernels = device.kernels();
    }

    /** @param device one that nothing else uses, with one thread: a second one would only wait for the compiler */
    static void run(Device device) {
        WarmUp warmUp = new WarmUp(device);
        warmUp.backbone();
        warmUp.classes();
        warmUp.crf();
    }

    private void backbone() {
        int patches = ROWS * COLUMNS;
        Tensor image = random(2, 3, ROWS * PATCH, COLUMNS * PATCH);
        Tensor positions = random(patches, CHANNELS);
        Tensor classToken = random(1, CHANNELS);
        Tensor scale = random(CHANNELS);
        LinearWeights embed = linear(CHANNELS, 3 * PATCH * PATCH);
        LinearWeights project = linear(3 * CHANNELS, CHANNELS);
        LinearWeights mix = linear(CHANNELS, CHANNELS);
        LinearWeights widen = linear(4 * CHANNELS, CHANNELS);
        LinearWeights narrow = linear(CHANNELS, 4 * CHANNELS);
        Tensor x = random(2, 1 + patches, CHANNELS);
        Tensor y = random(2, 1 + patches, CHANNELS);
        Tensor qkv = random(2, 1 + patches, 3 * CHANNELS);
        Tensor hidden = random(2, 1 + patches, 4 * CHANNELS);
        Tensor features = random(2, patches, CHANNELS);
        kernels.bicubic(
                random(1, 3, 3, CHANNELS), ROWS / 3.0, COLUMNS / 3.0, positions.view(1, ROWS, COLUMNS, CHANNELS));
        for (int i = 0; i < CALLS; i++) {
            kernels.patchEmbed(image, embed, PATCH, classToken, positions, x);
            kernels.layerNorm(x, scale, scale, 1e-6f, y);
            kernels.linear(y, project, Activation.NONE, null, qkv);
            kernels.attention(qkv, 1, y);
            kernels.linear(y, mix, Activation.NONE, x, x);
            kernels.linear(y, widen, Activation.GELU, null, hidden);
            kernels.linear(hidden, narrow, Activation.NONE, x, x);
            kernels.slice(x, 1, 0, features);
            kernels.mirrorMean(features.view(2, ROWS, COLUMNS, CHANNELS), y.view(ROWS, COLUMNS, CHANNELS));
        }
    }

    private void classes() {
        Tensor code = random(1, ROWS, COLUMNS, CHANNELS);
        Tensor cosines = random(1, ROWS, COLUMNS, CLASSES);
        Tensor pixels = random(1, SCALE * ROWS, SCALE * COLUMNS, CLASSES);
        Tensor hidden = random(1, ROWS, COLUMNS, CHANNELS);
        LinearWeights head = linear(CHANNELS, CHANNELS);
        LinearWeights clusters = linear(CLASSES, CHANNELS);
        Tensor labels = device.allocate(ElementType.I32, Shape.of(SCALE * ROWS * SCALE * COLUMNS));
        Tensor sums = device.allocate(CLASSES, CLASSES);
        Tensor counts = device.allocate(ElementType.I32, Shape.of(CLASSES));
        for (int i = 0; i < CALLS; i++) {
            kernels.linear(code, head, Activation.RELU, null, hidden);
            kernels.normalize(code, 1e-12f, code);
            kernels.linear(code, clusters, Activation.NONE, null, cosines);
            kernels.bilinear(cosines, pixels);
            kernels.logSoftmax(pixels, 1, pixels);
            kernels.argmax(pixels, labels);
            kernels.clusterSums(pixels.view(labels.shape().size(), CLASSES), labels, sums, counts);
        }
    }

    private void crf() {
        int pixels = SCALE * ROWS * SCALE * COLUMNS;
        Tensor logits = random(pixels, CLASSES);
        Tensor out = random(pixels, CLASSES);
        Tensor appearances = random(pixels, 5);
        Tensor places = random(pixels, 2);
        try (Lattice appearance = kernels.allocateLattice(pixels, 5);
                Lattice smoothness = kernels.allocateLattice(pixels, 2)) {
            for (int i = 0; i < CRF_CALLS; i++) {
                kernels.buildLattice(appearances, appearance);
                kernels.buildLattice(places, smoothness);
                kernels.meanField(logits, List.of(appearance, smoothness), new float[] {4, 3}, 10, out);
            }
        }
    }

    private Tensor random(int... dims) {
        Tensor tensor = device.allocate(dims);
        float[] values = new float[tensor.shape().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        device.write(values, tensor);
        return tensor;
    }

    private LinearWeights linear(int outputs, int inputs) {
        return kernels.packLinear(random(outputs, inputs), random(outputs));
    }
}
