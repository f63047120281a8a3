package org.stegokernels.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.GrowingBuffer;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.ClusterLoss;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.ExtraLosses;
import org.stegokernels.train.loss.LinearProbeLoss;
import org.stegokernels.train.loss.Parameter;

/**
 * One step of the published training on features that are given: head forward, correspondence loss and further losses, head
 * backward; both probes on the codes, which get no gradient from them; three optimisers. Owns what it trains. One thread at a time.
 */
public final class TrainingStep implements AutoCloseable {
    private final Device device;
    private final TrainingKernels kernels;
    private final HeadGradient head;
    private final LinearProbeLoss linear;
    private final ClusterLoss cluster;
    private final CorrespondenceLoss correspondence;
    /** Null if there are none. */
    private final ExtraLosses extras;

    private final List<Adam> optimisers;
    private final GrowingBuffer codeBuffer;
    private final GrowingBuffer gradientBuffer;
    private final GrowingBuffer linearMask;
    private final GrowingBuffer nonlinearMask;

    /**
     * A training of the given modules, which are closed with it.
     *
     * @param headRate how the head is optimised
     * @param probeRate how both probes are
     */
    public TrainingStep(
            Device device,
            HeadGradient head,
            LinearProbeLoss linear,
            ClusterLoss cluster,
            CorrespondenceLoss.Settings settings,
            AdamSettings headRate,
            AdamSettings probeRate) {
        this(device, head, linear, cluster, settings, null, headRate, probeRate);
    }

    /** The same with further losses, which are closed with it too; null for none. */
    public TrainingStep(
            Device device,
            HeadGradient head,
            LinearProbeLoss linear,
            ClusterLoss cluster,
            CorrespondenceLoss.Settings settings,
            ExtraLosses extras,
            AdamSettings headRate,
            AdamSettings probeRate) {
        this.device = device;
        this.kernels = device.training();
        this.head = head;
        this.linear = linear;
        this.cluster = cluster;
        this.correspondence = new CorrespondenceLoss(device, settings);
        this.extras = extras;
        this.optimisers = List.of(
                new Adam(device, headRate, headParameters()),
                new Adam(device, probeRate, linear.parameters()),
                new Adam(device, probeRate, cluster.parameters()));
        this.codeBuffer = new GrowingBuffer(device);
        this.gradientBuffer = new GrowingBuffer(device);
        this.linearMask = new GrowingBuffer(device);
        this.nonlinearMask = new GrowingBuffer(device);
    }

    private List<Parameter> headParameters() {
        List<Parameter> parameters = new ArrayList<>(head.parameters());
        if (extras != null) {
            parameters.addAll(extras.parameters());
        }
        return parameters;
    }

    /** Optimisers of the head (with a decoder, if there is one), the linear probe and the cluster probe. */
    public List<Adam> optimisers() {
        return optimisers;
    }

    /**
     * Computes all losses and moves all parameters.
     *
     * @throws TrainingException if a loss is not a finite number; the parameters are then as they were before
     */
    public StepLosses run(TrainingBatch batch) {
        return run(batch, CorrespondenceLoss.Observer.NONE);
    }

    /** The same, watched. */
    public StepLosses run(TrainingBatch batch, CorrespondenceLoss.Observer observer) {
        int[] dims = batch.features().shape().dims();
        int channels = dims[3];
        dims[3] = head.outputs();
        Tensor code = codeBuffer.view(dims);
        Tensor gradient = gradientBuffer.view(dims);
        DropoutMasks masks = batch.masks();
        head.forward(
                batch.features(),
                upload(masks.linear(), linearMask, dims[0], channels),
                upload(masks.nonlinear(), nonlinearMask, dims[0], channels),
                code);
        kernels.fill(gradient, 0);
        CorrespondenceLoss.Terms terms = correspond(batch, code, gradient, observer);
        ExtraLosses.Terms further = extras == null ? ExtraLosses.Terms.NONE : extras(batch, code, gradient);
        head.backward(gradient);

        Tensor imageCode = code.view(batch.pairs().images(), dims[1], dims[2], dims[3]);
        double linearLoss = linear.run(imageCode, batch.labels());
        double clusterLoss = cluster.run(imageCode, ClusterLoss.HARD, null);
        StepLosses losses = new StepLosses(
                terms.total() + further.total() + linearLoss + clusterLoss,
                terms.intra(),
                terms.inter(),
                terms.negative(),
                linearLoss,
                clusterLoss,
                further);
        requireFinite(losses);
        optimisers.forEach(Adam::step);
        return losses;
    }

    private ExtraLosses.Terms extras(TrainingBatch batch, Tensor code, Tensor gradient) {
        int images = batch.pairs().images();
        return extras.run(images, batch.features(), batch.masks().loss(), batch.extras(), code, gradient);
    }

    /** Labels that are compared instead of features are not dropped. */
    private CorrespondenceLoss.Terms correspond(
            TrainingBatch batch, Tensor code, Tensor gradient, CorrespondenceLoss.Observer observer) {
        boolean given = batch.signal() != null;
        return correspondence.run(
                given ? batch.signal() : batch.features(),
                code,
                batch.pairs(),
                given ? null : batch.masks().loss(),
                gradient,
                observer);
    }

    private Tensor upload(float[] mask, GrowingBuffer buffer, int images, int channels) {
        if (mask == null) {
            return null;
        }
        Tensor tensor = buffer.view(images, channels);
        device.write(mask, tensor);
        return tensor;
    }

    private void requireFinite(StepLosses losses) {
        for (Map.Entry<String, Double> term : losses.byName().entrySet()) {
            if (!term.getKey().equals(StepLosses.TOTAL)) {
                requireFinite(term.getKey(), term.getValue());
            }
        }
        requireFinite(StepLosses.TOTAL, losses.total());
    }

    private void requireFinite(String name, double loss) {
        if (!Double.isFinite(loss)) {
            throw TrainingException.diverged(optimisers.get(0).steps() + 1, "the loss " + name, loss);
        }
    }

    @Override
    public void close() {
        head.close();
        linear.close();
        cluster.close();
        correspondence.close();
        if (extras != null) {
            extras.close();
        }
        codeBuffer.close();
        gradientBuffer.close();
        linearMask.close();
        nonlinearMask.close();
    }
}
