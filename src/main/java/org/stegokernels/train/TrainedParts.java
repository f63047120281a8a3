package org.stegokernels.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.eval.FeatureEvaluator;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.StepRandom.Purpose;
import org.stegokernels.train.loss.ClusterLoss;
import org.stegokernels.train.loss.ExtraLosses;
import org.stegokernels.train.loss.LinearProbeLoss;
import org.stegokernels.train.loss.Parameter;

/** Everything that is trained, on a device: head, probes, and a decoder if its loss is on; and the step that trains it. */
final class TrainedParts implements AutoCloseable {
    private static final String LINEAR_WEIGHT = "linear_probe.weight";
    private static final String LINEAR_BIAS = "linear_probe.bias";
    static final String CLUSTERS = "cluster_probe.clusters";
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
     */
    TrainedParts(Device device, TrainSettings settings, int features, int classes) {
        this.device = device;
        this.settings = settings;
        this.features = features;
        this.classes = classes;
        int code = settings.model().code();
        Initialization initial = new Initialization(settings.seed(), Purpose.INITIAL, features, code);
        boolean nonlinear = settings.model().projection() == TrainSettings.Projection.NONLINEAR;
        modules = new TrainingStep.Modules(
                new HeadGradient(device, nonlinear, initial::head),
                new LinearProbeLoss(
                        device, initial.weight(LINEAR_WEIGHT, code, classes), initial.bias(LINEAR_BIAS, code, classes)),
                new ClusterLoss(
                        device, initial.clusters(classes + settings.model().extraClusters())),
                extras(initial));
        step = new TrainingStep(
                device,
                modules,
                settings.correspondence().loss(),
                AdamSettings.of(settings.optimizer().headRate()),
                AdamSettings.of(settings.optimizer().probeRate()));
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
        modules.head().forward(in, null, null, out);
    }

    /** Returns views of the head and probes, to be evaluated as they are. */
    FeatureEvaluator.Modules evaluated() {
        List<Parameter> linear = modules.linear().parameters();
        return new FeatureEvaluator.Modules(
                this::code, linear.get(0).value(), linear.get(1).value(), clusters());
    }

    /** Returns the clusters, {@code [M, D]}, of any length. */
    Tensor clusters() {
        return modules.cluster().parameters().get(0).value();
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
        start(
                modules.linear().parameters().get(0),
                again.weight(LINEAR_WEIGHT, settings.model().code(), classes));
        start(
                modules.linear().parameters().get(1),
                again.bias(LINEAR_BIAS, settings.model().code(), classes));
        start(
                modules.cluster().parameters().get(0),
                again.clusters(classes + settings.model().extraClusters()));
        step.optimisers().subList(1, 3).forEach(probe -> probe.resume(0));
    }

    /** Puts the clusters to given places, {@code [M, D]}. */
    void startClusters(float[] clusters) {
        device.write(clusters, clusters());
    }

    private void start(Parameter parameter, HostTensor values) {
        device.write(values.values(), parameter.value());
        device.training().fill(parameter.mean(), 0);
        device.training().fill(parameter.square(), 0);
    }

    /**
     * Returns the tensors of a model file besides the backbone, by their names there: weights of convolutions as {@code [N, K, 1,
     * 1]}.
     *
     * @param withLinear whether the linear probe belongs to it: without labels it has learnt nothing
     */
    Map<String, HostTensor> model(boolean withLinear) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        for (Parameter parameter : parameters()) {
            String name = parameter.name();
            if (name.startsWith(DECODER) || !withLinear && name.startsWith("linear_probe.")) {
                continue;
            }
            HostTensor values = parameter.host();
            boolean convolution = values.shape().rank() == 2 && !name.equals(CLUSTERS);
            tensors.put(
                    name,
                    convolution
                            ? HostTensor.of(
                                    values.values(),
                                    values.shape().dim(0),
                                    values.shape().dim(1),
                                    1,
                                    1)
                            : values);
        }
        return tensors;
    }

    /** Frees everything on the device. */
    @Override
    public void close() {
        step.close();
    }
}
