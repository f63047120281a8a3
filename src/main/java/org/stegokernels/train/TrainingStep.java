package org.stegokernels.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
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
    private final Modules modules;
    private final CorrespondenceLoss correspondence;
    private final List<Adam> optimisers;
    private final GrowingBuffer codeBuffer;
    private final GrowingBuffer gradientBuffer;
    private final GrowingBuffer linearMask;
    private final GrowingBuffer nonlinearMask;

    /**
     * Everything that is trained.
     *
     * @param extras further losses, with a decoder if there is one; null for none
     */
    public record Modules(HeadGradient head, LinearProbeLoss linear, ClusterLoss cluster, ExtraLosses extras) {
        /** Returns the parameters in the order of the optimisers. */
        List<Parameter> parameters() {
            List<Parameter> all = headParameters();
            all.addAll(linear.parameters());
            all.addAll(cluster.parameters());
            return all;
        }

        private List<Parameter> headParameters() {
            List<Parameter> parameters = new ArrayList<>(head.parameters());
            if (extras != null) {
                parameters.addAll(extras.parameters());
            }
            return parameters;
        }
    }

    /**
     * The inputs of one step.
     *
     * @param features {@code [2 B, h, w, C]}: B images, then the neighbour of each; or {@code [3 B, h, w, C]}: then the
     *     augmented images too, if those are to be aligned
     * @param signal {@code [2 B, S, T, N]}: compared instead of the features, perhaps of another size; or null
     * @param labels {@code [B, H, W]}, I32, of the images; anything but 0..N-1 is ignored
     * @param extras further inputs of {@link ExtraLosses}; or null
     */
    public record Batch(
            Tensor features,
            Tensor signal,
            Tensor labels,
            CorrespondenceLoss.Pairs pairs,
            Masks masks,
            ExtraLosses.Inputs extras) {
        /** Makes the inputs of a step without further losses that compares the features. */
        public Batch(Tensor features, Tensor labels, CorrespondenceLoss.Pairs pairs, Masks masks) {
            this(features, null, labels, pairs, masks, null);
        }
    }

    /**
     * Dropout factors of each channel of each image, drawn separately for the three uses of the features; already scaled.
     * Each is {@code [2 B, C]}, or null for no dropout there.
     *
     * @param linear for the head's linear branch
     * @param nonlinear for its nonlinear branch
     * @param loss for the features that the correspondence loss compares
     */
    public record Masks(float[] linear, float[] nonlinear, float[] loss) {
        public static final Masks NONE = new Masks(null, null, null);
    }

    /**
     * The losses of one step, before its update.
     *
     * @param total the sum that is minimised: the weighted correspondence terms, further losses, and both probes' losses
     * @param correspondence the three terms
     * @param extras further losses
     */
    public record Losses(
            double total,
            CorrespondenceLoss.Terms correspondence,
            double linear,
            double cluster,
            ExtraLosses.Terms extras) {
        private static final String TOTAL = "total";

        /** Returns the losses by the published names; further losses only where they are on. */
        public Map<String, Double> byName() {
            Map<String, Double> losses = new LinkedHashMap<>();
            losses.put(TOTAL, total);
            losses.put("pos_intra", correspondence.intra());
            losses.put("pos_inter", correspondence.inter());
            losses.put("neg_inter", correspondence.negative());
            losses.put("linear", linear);
            losses.put("cluster", cluster);
            putUnlessOff(losses, "rec", extras.reconstruction());
            putUnlessOff(losses, "crf", extras.crf());
            putUnlessOff(losses, "aug_alignment", extras.alignment());
            return losses;
        }

        private static void putUnlessOff(Map<String, Double> losses, String name, double loss) {
            if (loss != 0) {
                losses.put(name, loss);
            }
        }
    }

    /**
     * A training of the given modules, which are closed with it.
     *
     * @param headRate how the head is optimised
     * @param probeRate how both probes are
     */
    public TrainingStep(
            Device device,
            Modules modules,
            CorrespondenceLoss.Settings settings,
            AdamSettings headRate,
            AdamSettings probeRate) {
        this.device = device;
        this.kernels = device.training();
        this.modules = modules;
        this.correspondence = new CorrespondenceLoss(device, settings);
        this.optimisers = List.of(
                new Adam(device, headRate, modules.headParameters()),
                new Adam(device, probeRate, modules.linear.parameters()),
                new Adam(device, probeRate, modules.cluster.parameters()));
        this.codeBuffer = new GrowingBuffer(device);
        this.gradientBuffer = new GrowingBuffer(device);
        this.linearMask = new GrowingBuffer(device);
        this.nonlinearMask = new GrowingBuffer(device);
    }

    /** Returns the optimisers of the head (with a decoder, if there is one), the linear probe and the cluster probe. */
    List<Adam> optimisers() {
        return optimisers;
    }

    /**
     * Computes all losses and moves all parameters.
     *
     * @throws TrainingException if a loss is not a finite number; the parameters are then as they were before
     */
    public Losses run(Batch batch) {
        return run(batch, CorrespondenceLoss.Observer.NONE);
    }

    /** As {@link #run(Batch)}, showing an observer all that the correspondence loss compares. */
    public Losses run(Batch batch, CorrespondenceLoss.Observer observer) {
        int[] dims = batch.features().shape().dims();
        int channels = dims[3];
        dims[3] = modules.head.outputs();
        Tensor code = codeBuffer.view(dims);
        Tensor gradient = gradientBuffer.view(dims);
        Masks masks = batch.masks();
        modules.head.forward(
                batch.features(),
                upload(masks.linear(), linearMask, dims[0], channels),
                upload(masks.nonlinear(), nonlinearMask, dims[0], channels),
                code);
        kernels.fill(gradient, 0);
        CorrespondenceLoss.Terms terms = correspond(batch, code, gradient, observer);
        ExtraLosses.Terms further = modules.extras == null ? ExtraLosses.Terms.NONE : extras(batch, code, gradient);
        modules.head.backward(gradient);

        Tensor imageCode = code.view(batch.pairs().images(), dims[1], dims[2], dims[3]);
        double linearLoss = modules.linear.run(imageCode, batch.labels());
        double clusterLoss = modules.cluster.run(imageCode, ClusterLoss.HARD, null);
        Losses losses = new Losses(
                terms.total() + further.total() + linearLoss + clusterLoss, terms, linearLoss, clusterLoss, further);
        requireFinite(losses);
        optimisers.forEach(Adam::step);
        return losses;
    }

    private ExtraLosses.Terms extras(Batch batch, Tensor code, Tensor gradient) {
        int images = batch.pairs().images();
        return modules.extras.run(images, batch.features(), batch.masks().loss(), batch.extras(), code, gradient);
    }

    /** Runs the correspondence loss; labels that are compared instead of features are not dropped. */
    private CorrespondenceLoss.Terms correspond(
            Batch batch, Tensor code, Tensor gradient, CorrespondenceLoss.Observer observer) {
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

    private void requireFinite(Losses losses) {
        for (Map.Entry<String, Double> term : losses.byName().entrySet()) {
            if (!term.getKey().equals(Losses.TOTAL)) {
                requireFinite(term.getKey(), term.getValue());
            }
        }
        requireFinite(Losses.TOTAL, losses.total());
    }

    private void requireFinite(String name, double loss) {
        if (!Double.isFinite(loss)) {
            throw TrainingException.diverged(optimisers.get(0).steps() + 1, "the loss " + name, loss);
        }
    }

    @Override
    public void close() {
        modules.head.close();
        modules.linear.close();
        modules.cluster.close();
        correspondence.close();
        if (modules.extras != null) {
            modules.extras.close();
        }
        codeBuffer.close();
        gradientBuffer.close();
        linearMask.close();
        nonlinearMask.close();
    }
}
