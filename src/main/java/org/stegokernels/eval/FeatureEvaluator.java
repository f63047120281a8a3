package org.stegokernels.eval;

import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.eval.ConfusionMatrix.Count;
import org.stegokernels.image.LabelMap;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * An evaluation of a head and probes on features that are given, without CRF, as a training does every so often. Its figures
 * are those of {@link Evaluator} without CRF, but for ties: codes are not enlarged to the pixels and then classified, but
 * classified and then enlarged. Both are linear, so the order makes no difference, and there are fewer classes than
 * channels; the length of a code, by which a cosine divides, does not change which one is largest. One thread at a time.
 */
public final class FeatureEvaluator implements AutoCloseable {
    /** Shorter vectors are not stretched to length 1: PyTorch's bound. */
    private static final float NORM_EPSILON = 1e-12f;

    private final Device device;
    private final Kernels kernels;
    private final Images images;
    private final int classes;
    private final Count count;
    private final GrowingBuffer featureBuffer;
    private final GrowingBuffer codeBuffer;
    private final GrowingBuffer meanBuffer;
    private final GrowingBuffer clusterBuffer;
    private final GrowingBuffer gridBuffer;
    private final GrowingBuffer pixelBuffer;
    private final GrowingBuffer bestBuffer;
    private final float[] features;
    private final byte[] labels;
    private final int[] best;
    private final byte[] predicted;

    /** A function of rows, {@code head::forward} for one. */
    @FunctionalInterface
    public interface Layer {
        /**
         * Computes the code of features.
         *
         * @param in {@code [B, h, w, K]}
         * @param out {@code [B, h, w, D]}
         */
        void forward(Tensor in, Tensor out);
    }

    /**
     * The parts that are evaluated, on the device of the evaluator, as they are at the moment.
     *
     * @param head from {@code [B, h, w, K]} to {@code [B, h, w, D]}
     * @param linearWeight {@code [N, D]}, N the number of classes
     * @param linearBias {@code [N]}
     * @param clusters {@code [M, D]}, M at least N, of any length
     */
    public record Modules(Layer head, Tensor linearWeight, Tensor linearBias, Tensor clusters) {}

    /** The scores of the two probes. */
    public record Result(Scores linear, Scores cluster) {}

    /** The features of a set of images and of their mirror images, computed once, with labels, as a training has them. */
    public interface Images {
        /** Returns the number of images. */
        int size();

        /** Returns the rows of patches, h. */
        int height();

        /** Returns the columns of patches, w. */
        int width();

        /** Returns the length of a feature, K. */
        int channels();

        /** Returns the side of the square that is labelled, in pixels. */
        int labelSize();

        /** Writes {@code [h, w, K]} of an image. */
        void features(int index, float[] out, int offset);

        /** Returns whether there are features of mirror images, with which codes are then averaged. */
        boolean mirrored();

        /** Writes {@code [h, w, K]} of an image that was mirrored left to right before the backbone saw it. */
        void mirroredFeatures(int index, float[] out, int offset);

        /** Writes {@code [size, size]}, unsigned: classes, or 255 for ignored. */
        void labels(int index, byte[] out, int offset);
    }

    /**
     * Makes an evaluator of some parts.
     *
     * @param classes labels from here on are ignored
     */
    public FeatureEvaluator(Device device, Images images, int classes, Count count) {
        this.device = device;
        this.kernels = device.kernels();
        this.images = images;
        this.classes = classes;
        this.count = count;
        featureBuffer = new GrowingBuffer(device);
        codeBuffer = new GrowingBuffer(device);
        meanBuffer = new GrowingBuffer(device);
        clusterBuffer = new GrowingBuffer(device);
        gridBuffer = new GrowingBuffer(device);
        pixelBuffer = new GrowingBuffer(device);
        bestBuffer = new GrowingBuffer(device, ElementType.I32);
        int views = images.mirrored() ? 2 : 1;
        features = new float[views * images.height() * images.width() * images.channels()];
        int pixels = images.labelSize() * images.labelSize();
        labels = new byte[pixels];
        best = new int[pixels];
        predicted = new byte[pixels];
    }

    /** Evaluates on all images; changes nothing. */
    public Result run(Modules modules) {
        int clusters = modules.clusters().shape().dim(0);
        int channels = modules.clusters().shape().dim(1);
        ConfusionMatrix ofLinear = new ConfusionMatrix(classes, classes);
        ConfusionMatrix ofClusters = new ConfusionMatrix(clusters, classes);
        Tensor unit = clusterBuffer.view(clusters, channels);
        kernels.normalize(modules.clusters(), NORM_EPSILON, unit);
        try (LinearWeights linear = kernels.packLinear(modules.linearWeight(), modules.linearBias());
                LinearWeights cluster = kernels.packLinear(unit, null)) {
            for (int image = 0; image < images.size(); image++) {
                Tensor code = code(modules.head(), image, channels);
                images.labels(image, labels, 0);
                count(code, linear, ofLinear);
                count(code, cluster, ofClusters);
            }
        }
        return new Result(Scores.ofClasses(ofLinear), Scores.ofClusters(ofClusters, count));
    }

    /** Returns {@code [1, h, w, D]}. */
    private Tensor code(Layer head, int image, int channels) {
        int height = images.height();
        int width = images.width();
        int views = images.mirrored() ? 2 : 1;
        images.features(image, features, 0);
        if (images.mirrored()) {
            images.mirroredFeatures(image, features, features.length / 2);
        }
        Tensor input = featureBuffer.view(views, height, width, images.channels());
        device.write(features, input);
        Tensor code = codeBuffer.view(views, height, width, channels);
        head.forward(input, code);
        if (!images.mirrored()) {
            return code;
        }
        Tensor mean = meanBuffer.view(1, height, width, channels);
        kernels.mirrorMean(code, mean.view(height, width, channels));
        return mean;
    }

    private void count(Tensor code, LinearWeights classifier, ConfusionMatrix matrix) {
        int size = images.labelSize();
        int outputs = classifier.outputs();
        Tensor grid = gridBuffer.view(1, images.height(), images.width(), outputs);
        kernels.linear(code, classifier, Activation.NONE, null, grid);
        Tensor pixels = pixelBuffer.view(1, size, size, outputs);
        kernels.bilinear(grid, pixels);
        Tensor indices = bestBuffer.view(1, size, size);
        kernels.argmax(pixels, indices);
        device.read(indices, best);
        for (int i = 0; i < best.length; i++) {
            predicted[i] = (byte) best[i];
        }
        matrix.add(new LabelMap(size, size, predicted), new LabelMap(size, size, labels), count);
    }

    @Override
    public void close() {
        featureBuffer.close();
        codeBuffer.close();
        meanBuffer.close();
        clusterBuffer.close();
        gridBuffer.close();
        pixelBuffer.close();
        bestBuffer.close();
    }
}
