package org.stegokernels.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.StepRandom.Purpose;
import org.stegokernels.train.loss.ClusterLoss;
import org.stegokernels.train.loss.ExtraLosses;
import org.stegokernels.train.loss.LinearProbeLoss;
import org.stegokernels.train.loss.Parameter;

/** All that is trained, on a device: head, probes, and a decoder if its loss is on; and the step that trains it. */
public final class TrainedParts implements AutoCloseable {
    private static final String LINEAR_WEIGHT = "linear_probe.weight";
    private static final String LINEAR_BIAS = "linear_probe.bias";
    static final String CLUSTERS = "cluster_probe.clusters";
    private static final String DECODER = "decoder.";

    private final Device device;
    private final TrainSettings settings;
    private final int features;
    private final int classes;
    private final HeadGradient head;
    private final LinearProbeLoss linear;
    private final ClusterLoss cluster;
    /** Null if there are none. */
    private final ExtraLosses extras;

    private final TrainingStep step;

    /**
     * A model at the start of its training; its values depend on the seed alone.
     *
     * @param features channels of the features, C
     * @param classes of the labels; clusters are as many and {@link TrainSettings#extraClusters}
     */
    public TrainedParts(Device device, TrainSettings settings, int features, int classes) {
        this.device = device;
        this.settings = settings;
        this.features = features;
        this.classes = classes;
        int code = settings.dim();
        Initialization initial = new Initialization(settings.seed(), Purpose.INITIAL, features, code);
        boolean nonlinear = settings.projectionType() == TrainSettings.Projection.NONLINEAR;
        head = new HeadGradient(device, nonlinear, initial::head);
        linear = new LinearProbeLoss(
                device, initial.weight(LINEAR_WEIGHT, code, classes), initial.bias(LINEAR_BIAS, code, classes));
        cluster = new ClusterLoss(device, initial.clusters(classes + settings.extraClusters()));
        extras = extras(initial);
        step = new TrainingStep(
                device,
                head,
                linear,
                cluster,
                settings.correspondence(),
                extras,
                AdamSettings.of(settings.lr()),
                AdamSettings.of(settings.probeLr()));
    }

    private ExtraLosses extras(Initialization initial) {
        ExtraLosses.Weights weights =
                new ExtraLosses.Weights(settings.recWeight(), settings.crfWeight(), settings.augAlignmentWeight());
        boolean any = weights.reconstruction() > 0 || weights.crf() > 0 || weights.alignment() > 0;
        if (!any) {
            return null;
        }
        ExtraLosses.Decoder decoder = new ExtraLosses.Decoder(
                initial.weight(DECODER + "weight", settings.dim(), features),
                initial.bias(DECODER + "bias", settings.dim(), features));
        return new ExtraLosses(device, weights, decoder, settings.guidance());
    }

    Device device() {
        return device;
    }

    TrainingStep step() {
        return step;
    }

    /** Channels of the features, C. */
    public int features() {
        return features;
    }

    public int classes() {
        return classes;
    }

    /**
     * The code of each feature, nothing dropped.
     *
     * @param in {@code [..., C]}
     * @param out {@code [..., D]}
     */
    public void code(Tensor in, Tensor out) {
        head.forward(in, null, null, out);
    }

    /** {@code [N, D]}. */
    public Tensor linearWeight() {
        return linear.parameters().get(0).value();
    }

    /** {@code [N]}. */
    public Tensor linearBias() {
        return linear.parameters().get(1).value();
    }

    /** {@code [M, D]}, of any length. */
    public Tensor clusters() {
        return cluster.parameters().get(0).value();
    }

    /** In the order of the optimisers. */
    List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(head.parameters());
        if (extras != null) {
            all.addAll(extras.parameters());
        }
        all.addAll(linear.parameters());
        all.addAll(cluster.parameters());
        return all;
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

    /** Random probes again, their optimisers too. */
    void resetProbes() {
        Initialization again = new Initialization(settings.seed(), Purpose.RESET, features, settings.dim());
        start(linear.parameters().get(0), again.weight(LINEAR_WEIGHT, settings.dim(), classes));
        start(linear.parameters().get(1), again.bias(LINEAR_BIAS, settings.dim(), classes));
        start(cluster.parameters().get(0), again.clusters(classes + settings.extraClusters()));
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
     * The tensors of a model file besides the backbone, by their names there: weights of convolutions as {@code [N, K, 1,
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
