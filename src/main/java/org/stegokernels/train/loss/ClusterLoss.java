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
 * Loss of {@link org.stegokernels.stego.ClusterProbe}: the negative cosine of each code with its cluster (Hamilton et al.
 * 2022, section 3.3), which is mini-batch k-means on the sphere by gradient steps. One thread at a time.
 */
public final class ClusterLoss implements AutoCloseable {
    /** Hard assignment, with which the probe is trained. */
    public static final float HARD = 0;

    /** Shorter vectors are not stretched to length 1: PyTorch's bound. */
    private static final float NORM_EPSILON = 1e-12f;

    private final Device device;
    private final Kernels basics;
    private final TrainingKernels kernels;
    private final Parameter clusters;
    private final GrowingBuffer unitCodeBuffer;
    private final GrowingBuffer cosineBuffer;
    private final GrowingBuffer gradientBuffer;
    private final Tensor unitClusters;
    private final Tensor loss;

    /**
     * Makes a probe that starts from given clusters.
     *
     * @param clusters {@code [N, D]}, of any length
     */
    public ClusterLoss(Device device, HostTensor clusters) {
        this.device = device;
        this.basics = device.kernels();
        this.kernels = device.training();
        this.clusters = new Parameter(device, "cluster_probe.clusters", clusters);
        this.unitCodeBuffer = new GrowingBuffer(device);
        this.cosineBuffer = new GrowingBuffer(device);
        this.gradientBuffer = new GrowingBuffer(device);
        this.unitClusters = device.allocate(clusters.shape().dims());
        this.loss = device.allocate(1);
    }

    /** Returns what this loss trains: the clusters. */
    public List<Parameter> parameters() {
        return List.of(clusters);
    }

    /**
     * Returns the loss, and leaves the gradient of the clusters.
     *
     * @param code {@code [..., D]}
     * @param alpha sharpness of a soft assignment, or {@link #HARD}
     * @param gradCode {@code [..., D]}, or null: in training codes get no gradient from it
     */
    public double run(Tensor code, float alpha, Tensor gradCode) {
        int rows = code.shape().rows();
        int channels = code.shape().dim(-1);
        int count = unitClusters.shape().dim(0);
        Tensor unitCode = unitCodeBuffer.view(rows, channels);
        Tensor cosines = cosineBuffer.view(rows, count);
        Tensor gradient = gradientBuffer.view(rows, count);
        basics.normalize(code.view(rows, channels), NORM_EPSILON, unitCode);
        basics.normalize(clusters.value(), NORM_EPSILON, unitClusters);
        kernels.linear(unitCode, unitClusters, null, Activation.NONE, null, cosines);
        kernels.assignmentLoss(cosines, alpha, 1, gradient, loss);
        Tensor gradClusters = clusters.gradient();
        Tensor gradRows = gradCode == null ? null : gradCode.view(rows, channels);
        kernels.linearGradient(unitCode, unitClusters, gradient, gradRows, gradClusters, null);
        kernels.normalizeGradient(clusters.value(), NORM_EPSILON, gradClusters, gradClusters);
        if (gradRows != null) {
            kernels.normalizeGradient(code.view(rows, channels), NORM_EPSILON, gradRows, gradRows);
        }
        return device.floats(loss)[0];
    }

    @Override
    public void close() {
        clusters.close();
        unitCodeBuffer.close();
        cosineBuffer.close();
        gradientBuffer.close();
        unitClusters.close();
        loss.close();
    }
}
