package org.stegokernels.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.stego.LinearProbe.Goal;
import org.stegokernels.stego.LinearProbe.Values;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.StepRandom.Purpose;
import org.stegokernels.train.loss.Objective.Parameter;

/**
 * A segmentation head that learns from labelled patches, together with a linear probe of its codes: cross-entropy through
 * both, moved by Adam at the published rates (Hamilton et al. 2022), in batches of patches drawn without replacement. The
 * same rows and start give the same bits. One thread at a time.
 */
final class HeadFit implements AutoCloseable {
    private static final int STEPS = 300;
    /** Patches in a step; a set of fewer is taken as a whole. */
    private static final int BATCH = 2048;

    private static final double HEAD_RATE = 5e-4;
    private static final double PROBE_RATE = 5e-3;

    private final Device device;
    private final HeadGradient head;
    private final GrowingBuffer inputs;
    private final GrowingBuffer codes;
    private final GrowingBuffer gradCodes;
    private final GrowingBuffer logits;

    /** @param start the head's tensors by their names in a model file */
    HeadFit(Device device, Map<String, HostTensor> start) {
        this.device = device;
        head = new HeadGradient(device, start.containsKey("cluster2.0.weight"), name -> matrix(start.get(name)));
        inputs = new GrowingBuffer(device);
        codes = new GrowingBuffer(device);
        gradCodes = new GrowingBuffer(device);
        logits = new GrowingBuffer(device);
    }

    /** Returns the weight of a 1x1 convolution as a matrix; a bias is returned as it is. */
    private static HostTensor matrix(HostTensor tensor) {
        Shape shape = tensor.shape();
        return shape.rank() == 1 ? tensor : HostTensor.of(tensor.values(), shape.dim(0), shape.dim(1));
    }

    /**
     * Trains the head.
     *
     * @param goal features {@code [n, K]} in place of codes, with a target for each
     * @param start the probe to begin with, which learns too, so that the head learns for a good one
     * @return the sum of the rows' weighted cross-entropies in the last step
     */
    double run(Goal goal, Values start) {
        int count = goal.weights().length;
        int channels = goal.codes().length / count;
        int outputs = start.outputs();
        int batch = Math.min(count, BATCH);
        float[] rows = new float[batch * channels];
        float[] gradient = new float[batch * outputs];
        double loss = 0;
        try (Parameter weight = new Parameter(
                        device, "linear_probe.weight", HostTensor.of(start.weights(), outputs, head.outputs()));
                Parameter bias = new Parameter(device, "linear_probe.bias", HostTensor.of(start.bias(), outputs))) {
            Adam ofHead = new Adam(device, AdamSettings.of(HEAD_RATE), head.parameters());
            Adam ofProbe = new Adam(device, AdamSettings.of(PROBE_RATE), List.of(weight, bias));
            Tensor in = inputs.view(1, 1, batch, channels);
            Tensor code = codes.view(1, 1, batch, head.outputs());
            Tensor gradCode = gradCodes.view(1, 1, batch, head.outputs());
            Tensor out = logits.view(1, 1, batch, outputs);
            int perEpoch = count / batch;
            int[] order = new int[0];
            for (int step = 0; step < STEPS; step++) {
                if (step % perEpoch == 0) {
                    order = StepRandom.order(0, Purpose.ORDER, step / perEpoch, count);
                }
                int first = step % perEpoch * batch;
                for (int i = 0; i < batch; i++) {
                    System.arraycopy(goal.codes(), order[first + i] * channels, rows, i * channels, channels);
                }
                device.write(rows, in);
                head.forward(in, null, null, code);
                device.training().linear(code, weight.value(), bias.value(), Activation.NONE, null, out);
                device.kernels().logSoftmax(out, 1, out);
                device.read(out, gradient);
                loss = gradient(goal, order, first, batch, gradient);
                device.write(gradient, out);
                device.training()
                        .linearGradient(code, weight.value(), out, gradCode, weight.gradient(), bias.gradient());
                head.backward(gradCode);
                ofHead.step();
                ofProbe.step();
            }
        }
        return loss;
    }

    /**
     * Replaces logarithms of probabilities by the gradient of the loss for their logits, {@code w (p - t)}, weights scaled so
     * that a batch stands for all rows.
     */
    private static double gradient(Goal goal, int[] order, int first, int batch, float[] rows) {
        int outputs = rows.length / batch;
        double scale = (double) order.length / batch;
        double loss = 0;
        for (int i = 0; i < batch; i++) {
            int row = order[first + i];
            double weight = scale * goal.weights()[row];
            for (int k = 0; k < outputs; k++) {
                float target = goal.targets()[row * outputs + k];
                float logProbability = rows[i * outputs + k];
                loss -= target == 0 ? 0 : weight * target * logProbability;
                rows[i * outputs + k] = (float) (weight * (Math.exp(logProbability) - target));
            }
        }
        return loss;
    }

    /**
     * Computes codes.
     *
     * @param features {@code [n, K]}
     * @return {@code [n, D]}
     */
    float[] codes(float[] features, int channels) {
        int count = features.length / channels;
        Tensor in = inputs.view(1, 1, count, channels);
        Tensor out = codes.view(1, 1, count, head.outputs());
        device.write(features, in);
        head.forward(in, null, null, out);
        return device.floats(out);
    }

    /** Returns the head's tensors by their names in a model file. */
    Map<String, HostTensor> tensors() {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        for (Parameter parameter : head.parameters()) {
            HostTensor values = parameter.host();
            Shape shape = values.shape();
            tensors.put(
                    parameter.name(),
                    shape.rank() == 1 ? values : HostTensor.of(values.values(), shape.dim(0), shape.dim(1), 1, 1));
        }
        return tensors;
    }

    @Override
    public void close() {
        head.close();
        inputs.close();
        codes.close();
        gradCodes.close();
        logits.close();
    }
}
