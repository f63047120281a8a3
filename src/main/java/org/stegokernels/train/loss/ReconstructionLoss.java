package org.stegokernels.train.loss;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.Objective.Parameter;

/**
 * Loss of a linear decoder from the code back to the features: the mean negative cosine between its output and them
 * (Hamilton et al. 2022, published code). One thread at a time.
 */
final class ReconstructionLoss implements AutoCloseable {
    private static final float NORM_EPSILON = 1e-10f;

    private final Device device;
    private final Kernels basics;
    private final TrainingKernels kernels;
    private final Parameter weight;
    private final Parameter bias;
    private final GrowingBuffer decodedBuffer;
    private final GrowingBuffer unitBuffer;
    private final GrowingBuffer featureBuffer;
    private final GrowingBuffer gradientBuffer;
    private final GrowingBuffer codeGradientBuffer;
    private final Tensor loss;

    /**
     * Makes a decoder that starts from given values.
     *
     * @param weight {@code [C, D]}
     * @param bias {@code [C]}
     */
    ReconstructionLoss(Device device, HostTensor weight, HostTensor bias) {
        this.device = device;
        this.basics = device.kernels();
        this.kernels = device.training();
        this.weight = new Parameter(device, "decoder.weight", weight);
        this.bias = new Parameter(device, "decoder.bias", bias);
        this.decodedBuffer = new GrowingBuffer(device);
        this.unitBuffer = new GrowingBuffer(device);
        this.featureBuffer = new GrowingBuffer(device);
        this.gradientBuffer = new GrowingBuffer(device);
        this.codeGradientBuffer = new GrowingBuffer(device);
        this.loss = device.allocate(1);
    }

    List<Parameter> parameters() {
        return List.of(weight, bias);
    }

    /**
     * Returns the loss, and leaves the gradients of the decoder, times {@code factor}.
     *
     * @param code {@code [..., D]}
     * @param features {@code [..., C]}
     * @param factor of this loss in the whole objective
     * @param gradCode {@code [..., D]}, added to
     */
    double run(Tensor code, Tensor features, double factor, Tensor gradCode) {
        int[] dims = features.shape().dims();
        Tensor decoded = decodedBuffer.view(dims);
        Tensor unit = unitBuffer.view(dims);
        Tensor unitFeatures = featureBuffer.view(dims);
        Tensor gradient = gradientBuffer.view(dims);
        Tensor codeGradient = codeGradientBuffer.view(code.shape().dims());
        kernels.linear(code, weight.value(), bias.value(), Activation.NONE, null, decoded);
        basics.normalize(decoded, NORM_EPSILON, unit);
        basics.normalize(features, NORM_EPSILON, unitFeatures);
        kernels.agreementLoss(unit, unitFeatures, (float) factor, gradient, loss);
        kernels.normalizeGradient(decoded, NORM_EPSILON, gradient, gradient);
        kernels.linearGradient(code, weight.value(), gradient, codeGradient, weight.gradient(), bias.gradient());
        kernels.addScaled(codeGradient, 1, gradCode);
        return device.floats(loss)[0];
    }

    @Override
    public void close() {
        weight.close();
        bias.close();
        decodedBuffer.close();
        unitBuffer.close();
        featureBuffer.close();
        gradientBuffer.close();
        codeGradientBuffer.close();
        loss.close();
    }
}
