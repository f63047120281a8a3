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
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.ExtraLosses;
import org.stegokernels.train.loss.LinearProbeLoss;
import org.stegokernels.train.loss.Objective;
import org.stegokernels.train.loss.Objective.Parameter;

/**
 * One step of a training on features that are given: head forward, objective, head backward; linear probe on the codes, which
 * get no gradient from it; three optimisers. Owns what it trains. One thread at a time.
 */
public final class TrainingStep implements AutoCloseable {
    private final Device device;
    private final TrainingKernels kernels;
    private final Modules modules;
    private final List<Adam> optimisers;
    private final GrowingBuffer codeBuffer;
    private final GrowingBuffer gradientBuffer;
    private final GrowingBuffer linearMask;
    private final GrowingBuffer nonlinearMask;

    /**
     * Everything that is trained.
     *
     * @param head null if codes are the features themselves
     */
    public record Modules(HeadGradient head, LinearProbeLoss linear, Objective objective) {
        /** Returns the parameters in the order of the optimisers, then clusters that no optimiser moves. */
        List<Parameter> parameters() {
            List<Parameter> all = new ArrayList<>(head == null ? List.of() : head.parameters());
            all.addAll(objective.headParameters());
            all.addAll(linear.parameters());
            all.addAll(objective.clusterParameters());
            if (!all.contains(objective.clusters())) {
                all.add(objective.clusters());
            }
            return all;
        }

        private List<Parameter> movedWithHead() {
            List<Parameter> parameters = new ArrayList<>(objective.headParameters());
            if (head != null && objective.trainsHead()) {
                parameters.addAll(0, head.parameters());
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
     * @param proposals mask proposals of the images; or null
     */
    public record Batch(
            Tensor features,
            Tensor signal,
            Tensor labels,
            CorrespondenceLoss.Pairs pairs,
            Masks masks,
            ExtraLosses.Inputs extras,
            Objective.Proposals proposals) {
        /** Makes the inputs of a step without further losses that compares the features. */
        public Batch(Tensor features, Tensor labels, CorrespondenceLoss.Pairs pairs, Masks masks) {
            this(features, null, labels, pairs, masks, null, null);
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
        /** No dropout. */
        public static final Masks NONE = new Masks(null, null, null);
    }

    /**
     * The losses of one step, before its update.
     *
     * @param linear loss of the linear probe
     */
    public record Losses(Objective.Losses objective, double linear) {
        /** Returns the sum of all that is minimised. */
        public double total() {
            return objective.head() + linear + objective.cluster();
        }

        /** Returns the loss of the clusters. */
        public double cluster() {
            return objective.cluster();
        }

        /** Returns the losses by name: the total, the objective's terms, and what probe and clusters minimise. */
        public Map<String, Double> byName() {
            Map<String, Double> losses = new LinkedHashMap<>();
            losses.put("total", total());
            losses.putAll(objective.terms());
            losses.put("linear", linear);
            losses.put("cluster", cluster());
            return losses;
        }
    }

    /**
     * A training of the given modules, which are closed with it.
     *
     * @param headRate how the head is optimised
     * @param probeRate how linear probe and clusters are
     */
    public TrainingStep(Device device, Modules modules, AdamSettings headRate, AdamSettings probeRate) {
        this.device = device;
        this.kernels = device.training();
        this.modules = modules;
        this.optimisers = List.of(
                new Adam(device, headRate, modules.movedWithHead()),
                new Adam(device, probeRate, modules.linear.parameters()),
                new Adam(device, probeRate, modules.objective.clusterParameters()));
        this.codeBuffer = new GrowingBuffer(device);
        this.gradientBuffer = new GrowingBuffer(device);
        this.linearMask = new GrowingBuffer(device);
        this.nonlinearMask = new GrowingBuffer(device);
    }

    /** Returns the optimisers of the head, the linear probe and the clusters. */
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

    /** As {@link #run(Batch)}, showing an observer all that the objective compares. */
    public Losses run(Batch batch, CorrespondenceLoss.Observer observer) {
        Tensor code = code(batch.features(), modules.objective.trainsHead() ? batch.masks() : Masks.NONE);
        int[] dims = code.shape().dims();
        Tensor gradient = gradientBuffer.view(dims);
        Objective.Inputs inputs = new Objective.Inputs(
                batch.features(),
                batch.signal(),
                batch.masks().loss(),
                batch.pairs(),
                batch.extras(),
                batch.proposals());
        kernels.fill(gradient, 0);
        Objective.Losses objective = modules.objective.run(inputs, code, gradient, observer);
        if (modules.objective.trainsHead()) {
            modules.head.backward(gradient);
        }

        Tensor imageCode = code.view(batch.pairs().images(), dims[1], dims[2], dims[3]);
        Losses losses = new Losses(objective, modules.linear.run(imageCode, batch.labels()));
        requireFinite(losses);
        optimisers.forEach(Adam::step);
        modules.objective.moved();
        return losses;
    }

    /** Returns the codes of the features, {@code [A, h, w, D]}. */
    private Tensor code(Tensor features, Masks masks) {
        if (modules.head == null) {
            return features;
        }
        int[] dims = features.shape().dims();
        int channels = dims[3];
        dims[3] = modules.head.outputs();
        Tensor code = codeBuffer.view(dims);
        modules.head.forward(
                features,
                upload(masks.linear(), linearMask, dims[0], channels),
                upload(masks.nonlinear(), nonlinearMask, dims[0], channels),
                code);
        return code;
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
        Map<String, Double> byName = losses.byName();
        // The total last, which is not finite whenever another one isn't.
        double total = byName.remove("total");
        byName.put("total", total);
        byName.forEach((name, loss) -> {
            if (!Double.isFinite(loss)) {
                throw TrainingException.diverged(optimisers.get(0).steps() + 1, "the loss " + name, loss);
            }
        });
    }

    @Override
    public void close() {
        if (modules.head != null) {
            modules.head.close();
        }
        modules.linear.close();
        modules.objective.close();
        codeBuffer.close();
        gradientBuffer.close();
        linearMask.close();
        nonlinearMask.close();
    }
}
