package org.stegokernels.stego;

import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.weights.DeviceWeights;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TensorIndex;

/**
 * Clusters of codes on the unit sphere, found without labels (Hamilton et al. 2022, section 3.3): a code belongs to the
 * cluster with the largest cosine.
 */
public final class ClusterProbe implements AutoCloseable {
    /** The name of its only tensor. */
    static final String CLUSTERS = "cluster_probe.clusters";
    /** Shorter vectors are not stretched to length 1: PyTorch's bound. */
    private static final float NORM_EPSILON = 1e-12f;

    private final Kernels kernels;
    private final Object monitor;
    private final DeviceWeights weights;
    private final LinearWeights unitClusters;
    private final GrowingBuffer unitCode;

    private ClusterProbe(Device device, DeviceWeights weights) {
        this.kernels = device.kernels();
        this.monitor = device.monitor();
        this.weights = weights;
        HostTensor clusters = weights.host(CLUSTERS);
        normalize(clusters.values(), clusters.shape().dim(1));
        unitClusters = weights.linear(clusters);
        unitCode = new GrowingBuffer(device);
    }

    /** Normalises on the host: the few there are take less time than the first call of a kernel. */
    private static void normalize(float[] values, int channels) {
        for (int first = 0; first < values.length; first += channels) {
            double squares = 0;
            for (int i = first; i < first + channels; i++) {
                squares += (double) values[i] * values[i];
            }
            float factor = (float) (1 / Math.max(Math.sqrt(squares), NORM_EPSILON));
            for (int i = first; i < first + channels; i++) {
                values[i] *= factor;
            }
        }
    }

    /** Returns whether a file has a cluster probe under the prefix. */
    public static boolean isIn(TensorIndex file, String prefix) {
        return file.has(prefix + CLUSTERS);
    }

    /**
     * Loads {@code cluster_probe.clusters}, {@code [N, D]}; they need not have length 1.
     *
     * @param prefix what precedes the name
     * @throws org.stegokernels.weights.ModelException if the tensor is missing, of a wrong shape or type, or not finite
     */
    public static ClusterProbe load(Safetensors file, String prefix, Device device) {
        shape(file, prefix);
        return DeviceWeights.load(file, prefix, device, weights -> new ClusterProbe(device, weights));
    }

    /** Returns {@code [N, D]}, if that is its shape. */
    static Shape shape(TensorIndex file, String prefix) {
        Shape shape = file.entry(prefix + CLUSTERS).shape();
        if (shape.rank() != 2 || shape.size() == 0) {
            throw file.wrongShape(prefix + CLUSTERS, "[clusters, code channels]");
        }
        return shape;
    }

    /** Returns the channels of the code, D. */
    public int inputs() {
        return unitClusters.inputs();
    }

    /** Returns the number of clusters, N. */
    public int outputs() {
        return unitClusters.outputs();
    }

    /**
     * Computes the cosine of each code with each cluster.
     *
     * @param code {@code [..., D]}, of any length
     * @param cosines {@code [..., N]}
     */
    public void forward(Tensor code, Tensor cosines) {
        synchronized (monitor) {
            Tensor unit = unitCode.view(code.shape().dims());
            kernels.normalize(code, NORM_EPSILON, unit);
            kernels.linear(unit, unitClusters, Activation.NONE, null, cosines);
        }
    }

    /**
     * Computes the soft assignment, {@code softmax(alpha * cosine)}.
     *
     * @param code {@code [..., D]}
     * @param alpha sharpness; the published evaluation has 2
     * @param out {@code [..., N]}
     */
    public void probabilities(Tensor code, float alpha, Tensor out) {
        forward(code, out);
        kernels.softmax(out, alpha, out);
    }

    /**
     * As {@link #logProbabilities}, but for memory: a copy of the code is spared.
     *
     * @param code divided by its length
     */
    void logProbabilitiesInPlace(Tensor code, float alpha, Tensor out) {
        kernels.normalize(code, NORM_EPSILON, code);
        kernels.linear(code, unitClusters, Activation.NONE, null, out);
        kernels.logSoftmax(out, alpha, out);
    }

    /** Computes the logarithm of {@link #probabilities}. */
    public void logProbabilities(Tensor code, float alpha, Tensor out) {
        forward(code, out);
        kernels.logSoftmax(out, alpha, out);
    }

    @Override
    public void close() {
        synchronized (monitor) {
            weights.close();
            unitCode.close();
        }
    }
}
