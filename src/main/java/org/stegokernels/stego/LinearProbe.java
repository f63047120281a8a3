package org.stegokernels.stego;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.HostTensor;
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

    /**
     * The values of a linear probe in the Java heap.
     *
     * @param weights {@code [N, D]}
     * @param bias {@code [N]}
     */
    public record Values(float[] weights, float[] bias) {
        /** Returns the number of outputs, N. */
        public int outputs() {
            return bias.length;
        }

        /** Returns them with all logits multiplied. */
        public Values times(float factor) {
            float[] w = weights.clone();
            float[] b = bias.clone();
            for (int i = 0; i < w.length; i++) {
                w[i] *= factor;
            }
            for (int i = 0; i < b.length; i++) {
                b[i] *= factor;
            }
            return new Values(w, b);
        }

        /** Returns the tensors by their names in a model file. */
        public Map<String, HostTensor> tensors() {
            Map<String, HostTensor> tensors = new LinkedHashMap<>();
            tensors.put(TENSORS.get(0), HostTensor.of(weights, outputs(), weights.length / outputs(), 1, 1));
            tensors.put(TENSORS.get(1), HostTensor.of(bias, outputs()));
            return tensors;
        }
    }

    /**
     * The rows that a probe is fitted to. The loss is the sum over them of the weight times the cross-entropy {@code -sum_k t[k]
     * log p[k]}, or where a row is but known to be one of several outputs, {@code -log sum p[k]} over these.
     *
     * @param codes {@code [n, D]}
     * @param targets {@code [m, N]}: probabilities for the first m rows
     * @param among for each of the other rows whether it may be output k, {@code [n - m][N]}
     * @param weights {@code [n]}
     */
    public record Goal(float[] codes, float[] targets, boolean[][] among, float[] weights) {}

    /**
     * Fits a probe to rows by softmax regression: L-BFGS over all of them at each step, until the loss falls no more. The
     * same rows, start and device give the same bits. One thread at a time on a device.
     *
     * @param start where the probe begins, and is held to by the ridge
     * @param ridge half of it times the squared distance of the weights from the start is added to the loss, for codes moved
     *     to a mean of 0 and scaled to a mean square length of 1; biases are free
     * @param steps at most
     */
    public static Values fit(Device device, Goal goal, Values start, double ridge, int steps) {
        try (ProbeFit fit = new ProbeFit(device, goal, start.outputs())) {
            return fit.fit(start, ridge, steps);
        }
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
