package org.stegokernels.stego;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.weights.DeviceWeights;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TensorIndex;

/**
 * The head that distils features into a code (Hamilton et al. 2022, section 3.2): {@code code = cluster1(f) +
 * cluster2(f)}, where cluster1 is linear and cluster2 is linear, ReLU, linear; or cluster1 alone. Works on each row by
 * itself.
 */
public final class SegmentationHead implements AutoCloseable {
    /** All names that a head's tensors can have. */
    public static final List<String> TENSORS = List.of(
            "cluster1.0.weight",
            "cluster1.0.bias",
            "cluster2.0.weight",
            "cluster2.0.bias",
            "cluster2.2.weight",
            "cluster2.2.bias");

    /** Features that lie in host memory go through the head in blocks of so many. */
    private static final int ROWS = 4096;

    private static final List<String> NONLINEAR = TENSORS.subList(2, TENSORS.size());

    private final Device device;
    private final Kernels kernels;
    private final DeviceWeights weights;
    private final LinearWeights linear;
    /** First and second layer of the nonlinear branch; null if there is none. */
    private final LinearWeights first;

    private final LinearWeights second;
    private final GrowingBuffer hidden;

    private SegmentationHead(Device device, DeviceWeights weights) {
        this.device = device;
        this.kernels = device.kernels();
        this.weights = weights;
        linear = weights.linear("cluster1.0");
        boolean nonlinear = weights.hasAny(NONLINEAR);
        first = nonlinear ? weights.linear("cluster2.0") : null;
        second = nonlinear ? weights.linear("cluster2.2") : null;
        hidden = new GrowingBuffer(device);
    }

    /** Returns whether a file has a head, or a part of one, under the prefix. */
    public static boolean isIn(TensorIndex file, String prefix) {
        return file.hasAny(prefix, TENSORS);
    }

    /**
     * Loads {@code cluster1.0}, and {@code cluster2.0} and {@code cluster2.2} if there is anything of that branch.
     *
     * @param prefix what precedes the names
     * @throws org.stegokernels.weights.ModelException if a tensor is missing, of a wrong shape or type, or not finite
     */
    public static SegmentationHead load(Safetensors file, String prefix, Device device) {
        shape(file, prefix);
        return DeviceWeights.load(file, prefix, device, weights -> new SegmentationHead(device, weights));
    }

    /**
     * Reads the size of a head off its weights.
     *
     * @return {@code [D, K]}
     * @throws org.stegokernels.weights.ModelException if a weight is missing or of a wrong shape
     */
    static Shape shape(TensorIndex file, String prefix) {
        Shape linear = PointwiseConvolution.shape(file, prefix + "cluster1.0.weight", 0, 0);
        if (file.hasAny(prefix, NONLINEAR)) {
            Shape first = PointwiseConvolution.shape(file, prefix + "cluster2.0.weight", 0, linear.dim(1));
            PointwiseConvolution.shape(file, prefix + "cluster2.2.weight", linear.dim(0), first.dim(0));
        }
        return linear;
    }

    /** Returns the channels of a feature, K. */
    public int inputs() {
        return linear.inputs();
    }

    /** Returns the channels of the code, D. */
    public int outputs() {
        return linear.outputs();
    }

    /**
     * Computes the code of each feature.
     *
     * @param features {@code [..., K]}
     * @param code {@code [..., D]}
     */
    public void forward(Tensor features, Tensor code) {
        forward(features, features, code);
    }

    /**
     * As {@link #forward(Tensor, Tensor)}, with an input for each branch: in training, features after dropout is drawn for each.
     *
     * @param linearInput {@code [..., K]}, for cluster1
     * @param nonlinearInput {@code [..., K]}, for cluster2; not used if there is none
     * @param code {@code [..., D]}
     */
    public void forward(Tensor linearInput, Tensor nonlinearInput, Tensor code) {
        synchronized (device.monitor()) {
            kernels.linear(linearInput, linear, Activation.NONE, null, code);
            if (first != null) {
                Tensor inner = hidden.view(nonlinearInput.shape().rows(), first.outputs());
                kernels.linear(nonlinearInput, first, Activation.RELU, null, inner);
                kernels.linear(inner, second, Activation.NONE, code, code);
            }
        }
    }

    /**
     * Computes the codes of features that lie in host memory.
     *
     * @param features {@code [n, K]}
     * @return {@code [n, D]}
     */
    public float[] codes(float[] features) {
        int count = features.length / inputs();
        float[] codes = new float[count * outputs()];
        float[] rows = new float[ROWS * inputs()];
        float[] made = new float[ROWS * outputs()];
        try (Tensor in = device.allocate(1, ROWS, inputs());
                Tensor out = device.allocate(1, ROWS, outputs())) {
            for (int first = 0; first < count; first += ROWS) {
                int n = Math.min(ROWS, count - first);
                System.arraycopy(features, first * inputs(), rows, 0, n * inputs());
                device.write(rows, in.view(1, n, inputs()));
                forward(in.view(1, n, inputs()), out.view(1, n, outputs()));
                device.read(out.view(1, n, outputs()), made);
                System.arraycopy(made, 0, codes, first * outputs(), n * outputs());
            }
        }
        return codes;
    }

    @Override
    public void close() {
        synchronized (device.monitor()) {
            weights.close();
            hidden.close();
        }
    }
}
