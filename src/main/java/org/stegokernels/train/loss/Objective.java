package org.stegokernels.train.loss;

import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.CorrespondenceLoss.Observer;

/**
 * A goal of the training of head and clusters. In a step the head computes codes, {@link #run} leaves the gradients of the codes and
 * of the objective's own parameters, optimisers move them all, and {@link #moved} ends the step. One thread at a time.
 */
public interface Objective extends AutoCloseable {
    /** Name of the clusters in model files and checkpoints. */
    String CLUSTERS = "cluster_probe.clusters";

    /**
     * The inputs of one step besides the codes.
     *
     * @param features {@code [A, h, w, C]}, A at least 2 B: B images, then the neighbour of each, then further ones
     * @param signal {@code [A', S, T, N]}, A' at least 2 B: compared instead of the features, perhaps of another size; or null
     * @param mask {@code [A, C]}: dropout factors of the features' channels, or null
     * @param pairs that are compared, of B images
     * @param extras inputs of {@link ExtraLosses}; null without those
     * @param proposals of the B images; null for objectives without
     */
    record Inputs(
            Tensor features,
            Tensor signal,
            float[] mask,
            CorrespondenceLoss.Pairs pairs,
            ExtraLosses.Inputs extras,
            Proposals proposals) {}

    /**
     * The mask proposals of the images of a step.
     *
     * @param masks {@code [B, H, W]}: for each pixel the number of its mask in its image, or {@link #NONE}
     * @param step from 0
     */
    record Proposals(byte[] masks, int height, int width, int step) {
        /** The number of pixels that are in no mask. */
        public static final int NONE = 255;
    }

    /**
     * Settings of the prototypes of {@link #primaps} (Hahn et al. 2024).
     *
     * @param focus exponent of the focal loss; 0: all classes count alike
     * @param momentum share that the momentum prototypes keep
     * @param every steps from one of their moves to the next
     */
    record Prototypes(double focus, double momentum, int every) {}

    /**
     * The losses of one step, before its update.
     *
     * @param head what the head minimises: the weighted sum of the terms
     * @param cluster what the clusters minimise
     * @param terms of {@code head}, not weighted, by name, in the order of a report
     */
    record Losses(double head, double cluster, Map<String, Double> terms) {}

    /**
     * Settings of SmooSeg's objective (Lan et al. 2023, section 3).
     *
     * @param temperature by which cosines of code and cluster are divided before the softmax
     * @param momentum part of itself that the teacher keeps in a step
     * @param pointwise whether features' cosines are centred for each patch, as in {@link CorrespondenceLoss.Settings}
     * @param within the cosine of two patches of an image that neither pulls nor pushes
     * @param across the same for patches of two images
     */
    record Smoothness(double temperature, double momentum, boolean pointwise, double within, double across) {}

    /** Returns whether the head learns: else codes get no gradient, and the head stays as it is. */
    default boolean trainsHead() {
        return true;
    }

    /** Returns the parameters that the head's optimiser moves too. */
    List<Parameter> headParameters();

    /** Returns the parameters that move at the rate of the probes. */
    List<Parameter> clusterParameters();

    /**
     * Returns the clusters {@code [M, D]}, of any length, of the model that the training leaves, named {@link #CLUSTERS}. One of
     * {@link #clusterParameters}, or moved by {@link #moved} alone.
     */
    Parameter clusters();

    /** Starts from given clusters, {@code [M, D]}, as if no step had been done. */
    void start(float[] clusters);

    /**
     * Computes the losses, leaves the gradients of all its parameters that optimisers move, and adds that of the codes.
     *
     * @param code {@code [A, h, w, D]}, of the features
     * @param gradCode {@code [A, h, w, D]}, added to
     * @param observer is shown what is compared
     */
    Losses run(Inputs inputs, Tensor code, Tensor gradCode, Observer observer);

    /** Ends a step, after the optimisers have moved the parameters. */
    default void moved() {}

    @Override
    void close();

    /**
     * Returns STEGO's objective (Hamilton et al. 2022), which is closed with it.
     *
     * @param clusters {@code [M, D]}, from which the cluster probe starts
     * @param extras further losses, closed with it; null for none
     */
    static Objective stego(
            Device device, HostTensor clusters, CorrespondenceLoss.Settings settings, ExtraLosses extras) {
        return new StegoObjective(device, clusters, settings, extras);
    }

    /**
     * Returns PriMaPs-EM (Hahn et al. 2024).
     *
     * @param clusters {@code [M, D]}, from which the prototypes start
     */
    static Objective primaps(Device device, HostTensor clusters, Prototypes settings) {
        return new PrimapsObjective(device, clusters, settings);
    }

    /**
     * Clusters of features, merged to classes.
     *
     * @param centers {@code [K, C]}, of length 1
     * @param classes {@code [K]}: the class of each
     */
    record Regions(HostTensor centers, int[] classes) {}

    /**
     * Returns the objective that distils merged clusters of the features.
     *
     * @param clusters {@code [M, D]}, from which the clusters of the codes start; M at least the number of classes
     */
    static Objective adjacency(Device device, HostTensor clusters, Regions regions) {
        return new AdjacencyObjective(device, clusters, regions);
    }

    /**
     * Returns SmooSeg's objective (Lan et al. 2023).
     *
     * @param clusters {@code [M, D]}, from which student and teacher start
     */
    static Objective smooseg(Device device, HostTensor clusters, Smoothness settings) {
        return new SmooSegObjective(device, clusters, settings);
    }

    /** A tensor that is trained, with its gradient and the two running means that Adam keeps of it. */
    final class Parameter implements AutoCloseable {
        private final String name;
        private final Device device;
        private final Tensor value;
        private final Tensor gradient;
        private final Tensor mean;
        private final Tensor square;

        /**
         * Makes a parameter that starts from given values.
         *
         * @param initial of any shape; a pointwise convolution's {@code [N, K, 1, 1]} is kept as {@code [N, K]}
         */
        public Parameter(Device device, String name, HostTensor initial) {
            this.device = device;
            this.name = name;
            int[] dims = matrix(initial.shape()).dims();
            value = device.upload(initial.values(), dims);
            gradient = device.allocate(dims);
            mean = device.allocate(dims);
            square = device.allocate(dims);
        }

        private static Shape matrix(Shape shape) {
            boolean pointwise = shape.rank() == 4 && shape.dim(2) == 1 && shape.dim(3) == 1;
            return pointwise ? Shape.of(shape.dim(0), shape.dim(1)) : shape;
        }

        /** Returns the name, by which checkpoints have it. */
        public String name() {
            return name;
        }

        /** Returns the value, on the device. */
        public Tensor value() {
            return value;
        }

        /** Returns the gradient, of the shape of the value. */
        public Tensor gradient() {
            return gradient;
        }

        /** Returns the running mean of the gradients. */
        public Tensor mean() {
            return mean;
        }

        /** Returns the running mean of the squared gradients. */
        public Tensor square() {
            return square;
        }

        /** Sets the values and forgets both means. */
        public void restart(float[] values) {
            device.write(values, value);
            device.training().fill(mean, 0);
            device.training().fill(square, 0);
        }

        /** Returns a copy of the values. */
        public HostTensor host() {
            return new HostTensor(value.shape(), device.floats(value));
        }

        @Override
        public void close() {
            value.close();
            gradient.close();
            mean.close();
            square.close();
        }
    }
}
