package org.stegokernels.train.loss;

import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.train.loss.CorrespondenceLoss.Observer;

/**
 * Distils merged clusters of the features ({@link org.stegokernels.cluster.Clustering.Adjacency}) into codes and as many clusters
 * as there are classes: the mean cross-entropy of {@code softmax(10 cosines of code and clusters)} with the class of each
 * patch, which is that of the centre whose direction its feature is nearest to.
 */
final class AdjacencyObjective implements Objective {
    /** Shorter codes and clusters are not stretched to length 1: PyTorch's bound. */
    private static final float NORM_EPSILON = 1e-12f;

    /** Factor of cosines before the softmax. */
    private static final float SHARPNESS = 10;

    private final Device device;
    private final Kernels basics;
    private final TrainingKernels kernels;
    private final int[] classes;
    private final Parameter clusters;
    private final Tensor centers;
    private final Tensor sharpClusters;
    private final Tensor clusterGradient;
    private final Tensor loss;
    private final GrowingBuffer unitCodeBuffer;
    private final GrowingBuffer logitBuffer;
    private final GrowingBuffer gradientBuffer;
    private final GrowingBuffer codeGradientBuffer;
    private final GrowingBuffer similarityBuffer;
    private final GrowingBuffer targetBuffer;

    /** @param clusters {@code [M, D]}, of any length, M at least the number of classes */
    AdjacencyObjective(Device device, HostTensor clusters, Regions regions) {
        this.device = device;
        this.basics = device.kernels();
        this.kernels = device.training();
        this.classes = regions.classes();
        this.clusters = new Parameter(device, CLUSTERS, clusters);
        this.centers = device.upload(
                regions.centers().values(), regions.centers().shape().dims());
        int[] dims = clusters.shape().dims();
        this.sharpClusters = device.allocate(dims);
        this.clusterGradient = device.allocate(dims);
        this.loss = device.allocate(1);
        this.unitCodeBuffer = new GrowingBuffer(device);
        this.logitBuffer = new GrowingBuffer(device);
        this.gradientBuffer = new GrowingBuffer(device);
        this.codeGradientBuffer = new GrowingBuffer(device);
        this.similarityBuffer = new GrowingBuffer(device);
        this.targetBuffer = new GrowingBuffer(device, ElementType.I32);
    }

    @Override
    public List<Parameter> headParameters() {
        return List.of();
    }

    @Override
    public List<Parameter> clusterParameters() {
        return List.of(clusters);
    }

    @Override
    public Parameter clusters() {
        return clusters;
    }

    @Override
    public void start(float[] values) {
        clusters.restart(values);
    }

    /** Takes all images alike: neighbours are further images. Nothing is shown to the observer. */
    @Override
    public Losses run(Inputs inputs, Tensor code, Tensor gradCode, Observer observer) {
        int[] dims = code.shape().dims();
        int rows = code.shape().rows();
        int channels = dims[3];
        int count = clusters.value().shape().dim(0);
        Tensor targets = targets(inputs.features());
        Tensor unitCode = unitCodeBuffer.view(rows, channels);
        Tensor logits = logitBuffer.view(dims[0], dims[1], dims[2], count);
        Tensor gradient = gradientBuffer.view(dims[0], dims[1], dims[2], count);
        basics.normalize(code.view(rows, channels), NORM_EPSILON, unitCode);
        basics.normalize(clusters.value(), NORM_EPSILON, clusterGradient);
        scale(clusterGradient, sharpClusters);
        kernels.linear(unitCode, sharpClusters, null, Activation.NONE, null, logits.view(rows, count));
        kernels.crossEntropy(logits, targets, null, 1, gradient, loss);

        Tensor codeGradient = codeGradientBuffer.view(rows, channels);
        kernels.linearGradient(
                unitCode, sharpClusters, gradient.view(rows, count), codeGradient, clusterGradient, null);
        kernels.normalizeGradient(code.view(rows, channels), NORM_EPSILON, codeGradient, codeGradient);
        kernels.addScaled(codeGradient, 1, gradCode.view(rows, channels));
        scale(clusterGradient, clusters.gradient());
        kernels.normalizeGradient(clusters.value(), NORM_EPSILON, clusters.gradient(), clusters.gradient());
        double value = device.floats(loss)[0];
        return new Losses(value, 0, Map.of("regions", value));
    }

    private void scale(Tensor from, Tensor to) {
        kernels.fill(to, 0);
        kernels.addScaled(from, SHARPNESS, to);
    }

    /** Returns the class of each patch, {@code [A, h, w]}. */
    private Tensor targets(Tensor features) {
        int[] dims = features.shape().dims();
        int rows = features.shape().rows();
        Tensor similarities = similarityBuffer.view(dims[0], dims[1], dims[2], classes.length);
        Tensor targets = targetBuffer.view(dims[0], dims[1], dims[2]);
        kernels.linear(
                features.view(rows, dims[3]),
                centers,
                null,
                Activation.NONE,
                null,
                similarities.view(rows, classes.length));
        basics.argmax(similarities, targets);
        int[] nearest = device.ints(targets);
        for (int i = 0; i < nearest.length; i++) {
            nearest[i] = classes[nearest[i]];
        }
        device.write(nearest, targets);
        return targets;
    }

    @Override
    public void close() {
        clusters.close();
        centers.close();
        sharpClusters.close();
        clusterGradient.close();
        loss.close();
        unitCodeBuffer.close();
        logitBuffer.close();
        gradientBuffer.close();
        codeGradientBuffer.close();
        similarityBuffer.close();
        targetBuffer.close();
    }
}
