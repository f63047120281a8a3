package org.stegokernels.train.loss;

import java.util.Arrays;
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
 * PriMaPs-EM (Hahn et al. 2024): prototypes of the classes are fitted to mask proposals by stochastic
 * expectation maximisation. E-step: all pixels of a mask get the class that most of them have by the momentum prototypes.
 * M-step: the running prototypes, {@code logits = code . p / |p|}, are moved to give these labels, by a cross-entropy at the
 * resolution of the image that counts a class the less the surer it is over the batch (a focal loss). The momentum
 * prototypes, the clusters of the model, follow as a moving average. Codes get no gradient.
 *
 * <p>The published code trains a length of each prototype, too, and takes the mean confidence over pixels, not patches.
 */
final class PrimapsObjective implements Objective {
    private static final String RUNNING = "running_prototypes";
    /** Shorter vectors are not stretched to length 1: PyTorch's bound. */
    private static final float NORM_EPSILON = 1e-12f;

    private final Device device;
    private final Kernels basics;
    private final TrainingKernels kernels;
    private final Prototypes settings;
    private final Parameter running;
    private final Parameter momentum;
    private final GrowingBuffer logitBuffer;
    private final GrowingBuffer gradientBuffer;
    private final GrowingBuffer pixelBuffer;
    private final GrowingBuffer bestBuffer;
    private final GrowingBuffer labelBuffer;
    private final Tensor unit;
    private final Tensor classWeights;
    private final Tensor loss;
    private int step;

    PrimapsObjective(Device device, HostTensor clusters, Prototypes settings) {
        this.device = device;
        this.basics = device.kernels();
        this.kernels = device.training();
        this.settings = settings;
        this.running = new Parameter(device, RUNNING, clusters);
        this.momentum = new Parameter(device, CLUSTERS, clusters);
        this.logitBuffer = new GrowingBuffer(device);
        this.gradientBuffer = new GrowingBuffer(device);
        this.pixelBuffer = new GrowingBuffer(device);
        this.bestBuffer = new GrowingBuffer(device, ElementType.I32);
        this.labelBuffer = new GrowingBuffer(device, ElementType.I32);
        this.unit = device.allocate(clusters.shape().dims());
        this.classWeights = device.allocate(clusters.shape().dim(0));
        this.loss = device.allocate(1);
    }

    @Override
    public boolean trainsHead() {
        return false;
    }

    @Override
    public List<Parameter> headParameters() {
        return List.of();
    }

    @Override
    public List<Parameter> clusterParameters() {
        return List.of(running);
    }

    @Override
    public Parameter clusters() {
        return momentum;
    }

    @Override
    public void start(float[] clusters) {
        running.restart(clusters);
        momentum.restart(clusters);
    }

    @Override
    public Losses run(Inputs inputs, Tensor code, Tensor gradCode, Observer observer) {
        Proposals proposals = inputs.proposals();
        step = proposals.step();
        int[] dims = code.shape().dims();
        int images = proposals.masks().length / (proposals.height() * proposals.width());
        Tensor own = code.view(images, dims[1], dims[2], dims[3]);
        int[] labels = labels(own, proposals);
        Tensor target = labelBuffer.view(images, proposals.height(), proposals.width());
        device.write(labels, target);
        double focal = fit(own, target);
        return new Losses(0, focal, Map.of());
    }

    /**
     * Computes the E-step.
     *
     * @return {@code [B, H, W]}: the class of each pixel, or -1 where no mask is
     */
    private int[] labels(Tensor code, Proposals proposals) {
        Tensor logits = logits(code, momentum);
        int[] dims = logits.shape().dims();
        int classes = dims[3];
        int area = proposals.height() * proposals.width();
        int[] labels = new int[proposals.masks().length];
        int[] best = new int[area];
        int[][] votes = new int[Proposals.NONE + 1][classes];
        Tensor rows = logits.view(dims[0], dims[1] * dims[2], classes);
        Tensor one = gradientBuffer.view(1, dims[1] * dims[2], classes);
        Tensor pixels = pixelBuffer.view(1, proposals.height(), proposals.width(), classes);
        Tensor nearest = bestBuffer.view(1, proposals.height(), proposals.width());
        for (int image = 0; image < dims[0]; image++) {
            basics.slice(rows.view(1, dims[0] * dims[1] * dims[2], classes), image * dims[1] * dims[2], 0, one);
            basics.bilinear(one.view(1, dims[1], dims[2], classes), pixels);
            basics.argmax(pixels, nearest);
            device.read(nearest, best);
            elect(proposals.masks(), image * area, best, votes, labels);
        }
        return labels;
    }

    /** Gives each mask of an image the class that most of its pixels have, the first one on a tie. */
    private static void elect(byte[] masks, int from, int[] best, int[][] votes, int[] labels) {
        for (int[] mask : votes) {
            Arrays.fill(mask, 0);
        }
        for (int i = 0; i < best.length; i++) {
            votes[masks[from + i] & 0xFF][best[i]]++;
        }
        int[] elected = new int[votes.length];
        for (int mask = 0; mask < votes.length; mask++) {
            for (int k = 1; k < votes[mask].length; k++) {
                elected[mask] = votes[mask][k] > votes[mask][elected[mask]] ? k : elected[mask];
            }
        }
        elected[Proposals.NONE] = -1;
        for (int i = 0; i < best.length; i++) {
            labels[from + i] = elected[masks[from + i] & 0xFF];
        }
    }

    /** Computes the M-step: leaves the gradient of the running prototypes. */
    private double fit(Tensor code, Tensor labels) {
        Tensor logits = logits(code, running);
        Tensor gradient = gradientBuffer.view(logits.shape().dims());
        basics.softmax(logits, 1, gradient);
        device.write(weights(device.floats(gradient), logits.shape().dim(3)), classWeights);
        kernels.crossEntropy(logits, labels, classWeights, 1, gradient, loss);
        kernels.linearGradient(code, unit, gradient, null, running.gradient(), null);
        kernels.normalizeGradient(running.value(), NORM_EPSILON, running.gradient(), running.gradient());
        return device.floats(loss)[0];
    }

    /** Returns {@code (1 - mean confidence)^focus} of each class. */
    private float[] weights(float[] probabilities, int classes) {
        double[] sums = new double[classes];
        for (int i = 0; i < probabilities.length; i++) {
            sums[i % classes] += probabilities[i];
        }
        float[] weights = new float[classes];
        for (int k = 0; k < classes; k++) {
            weights[k] = (float) Math.pow(Math.max(0, 1 - sums[k] * classes / probabilities.length), settings.focus());
        }
        return weights;
    }

    /** Leaves the prototypes at length 1 in {@link #unit}, too. */
    private Tensor logits(Tensor code, Parameter prototypes) {
        int[] dims = code.shape().dims();
        dims[3] = unit.shape().dim(0);
        Tensor logits = logitBuffer.view(dims);
        basics.normalize(prototypes.value(), NORM_EPSILON, unit);
        kernels.linear(code, unit, null, Activation.NONE, null, logits);
        return logits;
    }

    /** Moves the momentum prototypes: first to the mean of all that the running ones have been, then by the full momentum. */
    @Override
    public void moved() {
        int done = step + 1;
        if (done % settings.every() != 0) {
            return;
        }
        double kept = Math.min(settings.momentum(), 1 - (double) settings.every() / done);
        float[] old = device.floats(momentum.value());
        float[] now = device.floats(running.value());
        for (int i = 0; i < old.length; i++) {
            old[i] = (float) (kept * old[i] + (1 - kept) * now[i]);
        }
        device.write(old, momentum.value());
    }

    @Override
    public void close() {
        running.close();
        momentum.close();
        logitBuffer.close();
        gradientBuffer.close();
        pixelBuffer.close();
        bestBuffer.close();
        labelBuffer.close();
        unit.close();
        classWeights.close();
        loss.close();
    }
}
