package org.stegokernels.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.eval.FeatureEvaluator;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.StepRandom.Purpose;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.ExtraLosses;
import org.stegokernels.train.loss.LinearProbeLoss;
import org.stegokernels.train.loss.Objective;
import org.stegokernels.train.loss.Objective.Parameter;

/** Everything that is trained, on a device: head, linear probe and objective; and the step that trains it. */
final class TrainedParts implements AutoCloseable {
    private static final String LINEAR_WEIGHT = "linear_probe.weight";
    private static final String LINEAR_BIAS = "linear_probe.bias";
    private static final String DECODER = "decoder.";

    private final Device device;
    private final TrainSettings settings;
    private final int features;
    private final int classes;
    private final TrainingStep.Modules modules;
    private final TrainingStep step;

    /**
     * Makes a model at the start of its training; its values depend on the seed alone.
     *
     * @param features channels of the features, C
     * @param classes of the labels; clusters are as many and {@link TrainSettings.Model#extraClusters}
     * @param given head of a model, for an objective that trains none, by its tensors' names; empty if codes are then the
     *     features themselves
     * @param regions what the objective adjacency distils; null for another one
     */
    TrainedParts(
            Device device,
            TrainSettings settings,
            int features,
            int classes,
            Map<String, HostTensor> given,
            Objective.Regions regions) {
        this.device = device;
        this.settings = settings;
        this.features = features;
        this.classes = classes;
        int code = settings.model().code();
        Initialization initial = new Initialization(settings.seed(), Purpose.INITIAL, features, code);
        modules = new TrainingStep.Modules(
                head(initial, given),
                new LinearProbeLoss(
                        device, initial.weight(LINEAR_WEIGHT, code, classes), initial.bias(LINEAR_BIAS, code, classes)),
                objective(initial, regions));
        step = new TrainingStep(
                device,
                modules,
                AdamSettings.of(settings.optimizer().headRate()),
                AdamSettings.of(settings.optimizer().probeRate()));
    }

    /** Refuses settings that an objective without a head of its own can't have. */
    static void requireFit(TrainSettings settings, TrainingExamples examples, Map<String, HostTensor> given) {
        if (settings.objective() != TrainSettings.ObjectiveKind.PRIMAPS) {
            return;
        }
        HostTensor head = given.get("cluster1.0.weight");
        int channels = head == null ? examples.channels() : head.shape().dim(0);
        if (settings.model().code() != channels) {
            throw new TrainingException.BadSettings("dim must be " + channels + ", the length of "
                    + (head == null ? "the features" : "the codes of the model's head")
                    + ", for objective primaps, not "
                    + settings.model().code());
        }
        if (settings.data().square() == TrainSettings.Square.RANDOM) {
            throw new TrainingException.BadSettings(
                    "objective primaps proposes the masks of an image once: set loader_crop_type to center");
        }
    }

    private HeadGradient head(Initialization initial, Map<String, HostTensor> given) {
        if (settings.objective() != TrainSettings.ObjectiveKind.PRIMAPS) {
            boolean nonlinear = settings.model().projection() == TrainSettings.Projection.NONLINEAR;
            return new HeadGradient(device, nonlinear, initial::head);
        }
        return given.isEmpty() ? null : new HeadGradient(device, given.containsKey("cluster2.0.weight"), given::get);
    }

    private Objective objective(Initialization initial, Objective.Regions regions) {
        HostTensor clusters = initial.clusters(classes + settings.model().extraClusters());
        return switch (settings.objective()) {
            case STEGO ->
                Objective.stego(device, clusters, settings.correspondence().loss(), extras(initial));
            case PRIMAPS -> Objective.primaps(device, clusters, settings.masks().prototypes());
            case ADJACENCY -> Objective.adjacency(device, clusters, regions);
            case SMOOSEG -> Objective.smooseg(device, clusters, smoothness());
        };
    }

    private Objective.Smoothness smoothness() {
        CorrespondenceLoss.Settings terms = settings.correspondence().terms();
        return new Objective.Smoothness(
                settings.teacher().temperature(),
                settings.teacher().momentum(),
                terms.pointwise(),
                terms.intra().shift(),
                terms.negative().shift());
    }

    private ExtraLosses extras(Initialization initial) {
        ExtraLosses.Weights weights = new ExtraLosses.Weights(
                settings.extras().reconstructionWeight(),
                settings.extras().crfWeight(),
                settings.extras().alignmentWeight());
        boolean any = weights.reconstruction() > 0 || weights.crf() > 0 || weights.alignment() > 0;
        if (!any) {
            return null;
        }
        ExtraLosses.Decoder decoder = new ExtraLosses.Decoder(
                initial.weight(DECODER + "weight", settings.model().code(), features),
                initial.bias(DECODER + "bias", settings.model().code(), features));
        return new ExtraLosses(device, weights, decoder, settings.extras().guidance());
    }

    Device device() {
        return device;
    }

    TrainingStep step() {
        return step;
    }

    /**
     * Computes the code of each feature, nothing dropped.
     *
     * @param in {@code [..., C]}
     * @param out {@code [..., D]}
     */
    void code(Tensor in, Tensor out) {
        if (modules.head() != null) {
            modules.head().forward(in, null, null, out);
        } else {
            device.training().fill(out, 0);
            device.training().addScaled(in, 1, out);
        }
    }

    /** Returns views of the head and probes, to be evaluated as they are. */
    FeatureEvaluator.Modules evaluated() {
        List<Parameter> linear = modules.linear().parameters();
        return new FeatureEvaluator.Modules(
                this::code, linear.get(0).value(), linear.get(1).value(), clusters());
    }

    /** Returns the clusters, {@code [M, D]}, of any length. */
    Tensor clusters() {
        return modules.objective().clusters().value();
    }

    /** Returns all parameters in the order of the optimisers. */
    List<Parameter> parameters() {
        return modules.parameters();
    }

    /**
     * Makes sure that the parameters can be used: a gradient can be no number though all losses are.
     *
     * @throws TrainingException if one is not finite
     */
    void requireFinite(int stepsDone) {
        for (Parameter parameter : parameters()) {
            requireFinite(stepsDone, parameter.name(), parameter.host().values());
        }
    }

    static void requireFinite(int stepsDone, String name, float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw TrainingException.diverged(stepsDone, name, value);
            }
        }
    }

    /** Starts both probes anew from random values, and their optimisers too. */
    void resetProbes() {
        Initialization again = new Initialization(
                settings.seed(), Purpose.RESET, features, settings.model().code());
        int code = settings.model().code();
        List<Parameter> linear = modules.linear().parameters();
        linear.get(0).restart(again.weight(LINEAR_WEIGHT, code, classes).values());
        linear.get(1).restart(again.bias(LINEAR_BIAS, code, classes).values());
        startClusters(again.clusters(classes + settings.model().extraClusters()).values());
        step.optimisers().subList(1, 3).forEach(probe -> probe.resume(0));
    }

    /** Puts the clusters to given places, {@code [M, D]}. */
    void startClusters(float[] clusters) {
        modules.objective().start(clusters);
    }

    /**
     * Returns the tensors of a model file besides the backbone, by their names there: weights of convolutions as {@code [N, K, 1,
     * 1]}.
     *
     * @param withLinear whether the linear probe belongs to it: without labels it has learnt nothing
     */
    Map<String, HostTensor> model(boolean withLinear) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        if (modules.head() != null) {
            modules.head().parameters().forEach(parameter -> tensors.put(parameter.name(), convolution(parameter)));
        }
        if (withLinear) {
            modules.linear().parameters().forEach(parameter -> tensors.put(parameter.name(), convolution(parameter)));
        }
        tensors.put(Objective.CLUSTERS, modules.objective().clusters().host());
        return tensors;
    }

    private static HostTensor convolution(Parameter parameter) {
        HostTensor values = parameter.host();
        Shape shape = values.shape();
        return shape.rank() == 2 ? HostTensor.of(values.values(), shape.dim(0), shape.dim(1), 1, 1) : values;
    }

    /** Frees everything on the device. */
    @Override
    public void close() {
        step.close();
    }
}
