package org.stegokernels.stego;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.weights.DeviceWeights;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TensorIndex;

/** A linear classifier of codes, trained with labels: how much a code knows (Hamilton et al. 2022, section 4). */
public final class LinearProbe implements AutoCloseable {
    /** All names that a linear probe's tensors have. */
    static final List<String> TENSORS = List.of("linear_probe.weight", "linear_probe.bias");

    private final Kernels kernels;
    private final DeviceWeights weights;
    private final LinearWeights linear;

    private LinearProbe(Device device, DeviceWeights weights) {
        this.kernels = device.kernels();
        this.weights = weights;
        linear = weights.linear("linear_probe");
    }

    /** Returns whether a file has a linear probe, or a part of one, under the prefix. */
    public static boolean isIn(TensorIndex file, String prefix) {
        return file.hasAny(prefix, TENSORS);
    }

    /**
     * Loads {@code linear_probe.weight} and {@code linear_probe.bias}.
     *
     * @param prefix what precedes the names
     * @throws org.stegokernels.weights.ModelException if a tensor is missing, of a wrong shape or type, or not finite
     */
    public static LinearProbe load(Safetensors file, String prefix, Device device) {
        shape(file, prefix);
        return DeviceWeights.load(file, prefix, device, weights -> new LinearProbe(device, weights));
    }

    /** Returns {@code [N, D]}, read off its weight. */
    static Shape shape(TensorIndex file, String prefix) {
        return PointwiseConvolution.shape(file, prefix + "linear_probe.weight", 0, 0);
    }

    /** Returns the channels of the code, D. */
    public int inputs() {
        return linear.inputs();
    }

    /** Returns the number of classes, N. */
    public int outputs() {
        return linear.outputs();
    }

    /**
     * Computes the logits of each class.
     *
     * @param code {@code [..., D]}
     * @param logits {@code [..., N]}
     */
    public void forward(Tensor code, Tensor logits) {
        kernels.linear(code, linear, Activation.NONE, null, logits);
    }

    @Override
    public void close() {
        weights.close();
    }
}
