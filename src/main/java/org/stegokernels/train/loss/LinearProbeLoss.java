package org.stegokernels.train.loss;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.Objective.Parameter;

/**
 * Cross-entropy of {@link org.stegokernels.stego.LinearProbe}, its logits resized to the labels (Hamilton et al. 2022,
 * section 4). Codes get no gradient: the probe only measures them. One thread at a time.
 */
public final class LinearProbeLoss implements AutoCloseable {
    private final Device device;
    private final TrainingKernels kernels;
    private final Parameter weight;
    private final Parameter bias;
    private final GrowingBuffer logitBuffer;
    private final GrowingBuffer gradientBuffer;
    private final Tensor loss;

    /**
     * Makes a probe that starts from given values.
     *
     * @param weight {@code [N, D]}
     * @param bias {@code [N]}
     */
    public LinearProbeLoss(Device device, HostTensor weight, HostTensor bias) {
        this.device = device;
        this.kernels = device.training();
        this.weight = new Parameter(device, "linear_probe.weight", weight);
        this.bias = new Parameter(device, "linear_probe.bias", bias);
        this.logitBuffer = new GrowingBuffer(device);
        this.gradientBuffer = new GrowingBuffer(device);
        this.loss = device.allocate(1);
    }

    /** Returns what this loss trains: weight and bias of the probe. */
    public List<Parameter> parameters() {
        return List.of(weight, bias);
    }

    /**
     * Returns the loss, and leaves the gradients of the parameters.
     *
     * @param code {@code [B, h, w, D]}
     * @param labels {@code [B, H, W]}, I32; those not in 0..N-1 are ignored
     */
    public double run(Tensor code, Tensor labels) {
        int[] dims = code.shape().dims();
        dims[3] = weight.value().shape().dim(0);
        Tensor logits = logitBuffer.view(dims);
        Tensor gradient = gradientBuffer.view(dims);
        kernels.linear(code, weight.value(), bias.value(), Activation.NONE, null, logits);
        kernels.crossEntropy(logits, labels, null, 1, gradient, loss);
        kernels.linearGradient(code, weight.value(), gradient, null, weight.gradient(), bias.gradient());
        return device.floats(loss)[0];
    }

    @Override
    public void close() {
        weight.close();
        bias.close();
        logitBuffer.close();
        gradientBuffer.close();
        loss.close();
    }
}
