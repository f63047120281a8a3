package org.stegokernels.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.Objective.Parameter;

/**
 * {@link org.stegokernels.stego.SegmentationHead} while it is trained: {@code code = linear(f * mask1) + second(relu(first(f
 * * mask2)))}, and its backward. Features are given, so they get no gradient. One thread at a time.
 */
public final class HeadGradient implements AutoCloseable {
    private final TrainingKernels kernels;
    private final Parameter linearWeight;
    private final Parameter linearBias;
    /** The nonlinear branch; all four are null if there is none. */
    private final Parameter firstWeight;

    private final Parameter firstBias;
    private final Parameter secondWeight;
    private final Parameter secondBias;
    private final GrowingBuffer linearInput;
    private final GrowingBuffer nonlinearInput;
    private final GrowingBuffer hidden;
    private final GrowingBuffer gradHidden;

    /** Inputs of the last forward pass. */
    private Tensor linearFeatures;

    private Tensor nonlinearFeatures;
    private Tensor activated;

    /**
     * Makes a head that starts from given values.
     *
     * @param initial the values of {@code cluster1.0.weight} and so on, by name
     * @param nonlinear whether it has the branch {@code cluster2}
     */
    public HeadGradient(Device device, boolean nonlinear, Function<String, HostTensor> initial) {
        kernels = device.training();
        linearWeight = parameter(device, "cluster1.0.weight", initial);
        linearBias = parameter(device, "cluster1.0.bias", initial);
        firstWeight = nonlinear ? parameter(device, "cluster2.0.weight", initial) : null;
        firstBias = nonlinear ? parameter(device, "cluster2.0.bias", initial) : null;
        secondWeight = nonlinear ? parameter(device, "cluster2.2.weight", initial) : null;
        secondBias = nonlinear ? parameter(device, "cluster2.2.bias", initial) : null;
        linearInput = new GrowingBuffer(device);
        nonlinearInput = new GrowingBuffer(device);
        hidden = new GrowingBuffer(device);
        gradHidden = new GrowingBuffer(device);
    }

    private static Parameter parameter(Device device, String name, Function<String, HostTensor> initial) {
        return new Parameter(device, name, initial.apply(name));
    }

    /** Returns the parameters of the head, in the order of their gradients. */
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>(List.of(linearWeight, linearBias));
        if (firstWeight != null) {
            parameters.addAll(List.of(firstWeight, firstBias, secondWeight, secondBias));
        }
        return parameters;
    }

    /** Channels of the code, D. */
    public int outputs() {
        return linearWeight.value().shape().dim(0);
    }

    /**
     * Computes the code of each feature. The features must stay as they are until {@link #backward}.
     *
     * @param features {@code [B, h, w, K]}
     * @param linearMask {@code [B, K]}: factors of the channels for the linear branch, or null
     * @param nonlinearMask {@code [B, K]}: the same for the nonlinear branch, or null
     * @param code {@code [B, h, w, D]}
     */
    public void forward(Tensor features, Tensor linearMask, Tensor nonlinearMask, Tensor code) {
        linearFeatures = masked(features, linearMask, linearInput);
        kernels.linear(linearFeatures, linearWeight.value(), linearBias.value(), Activation.NONE, null, code);
        if (firstWeight != null) {
            nonlinearFeatures = masked(features, nonlinearMask, nonlinearInput);
            activated = hidden.view(
                    features.shape().rows(), firstWeight.value().shape().dim(0));
            kernels.linear(nonlinearFeatures, firstWeight.value(), firstBias.value(), Activation.RELU, null, activated);
            kernels.linear(activated, secondWeight.value(), secondBias.value(), Activation.NONE, code, code);
        }
    }

    private Tensor masked(Tensor features, Tensor mask, GrowingBuffer buffer) {
        if (mask == null) {
            return features;
        }
        Tensor masked = buffer.view(features.shape().dims());
        kernels.scaleChannels(features, mask, masked);
        return masked;
    }

    /**
     * Leaves the gradients of all parameters, for the last {@link #forward}.
     *
     * @param gradCode {@code [B, h, w, D]}
     */
    public void backward(Tensor gradCode) {
        kernels.linearGradient(
                linearFeatures, linearWeight.value(), gradCode, null, linearWeight.gradient(), linearBias.gradient());
        if (firstWeight != null) {
            Tensor gradActivated = gradHidden.view(activated.shape().dims());
            kernels.linearGradient(
                    activated,
                    secondWeight.value(),
                    gradCode,
                    gradActivated,
                    secondWeight.gradient(),
                    secondBias.gradient());
            kernels.reluGradient(activated, gradActivated, gradActivated);
            kernels.linearGradient(
                    nonlinearFeatures,
                    firstWeight.value(),
                    gradActivated,
                    null,
                    firstWeight.gradient(),
                    firstBias.gradient());
        }
    }

    @Override
    public void close() {
        parameters().forEach(Parameter::close);
        linearInput.close();
        nonlinearInput.close();
        hidden.close();
        gradHidden.close();
    }
}
