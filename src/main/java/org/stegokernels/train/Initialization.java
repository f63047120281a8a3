package org.stegokernels.train;

import java.util.random.RandomGenerator;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.train.StepRandom.Purpose;

/**
 * First values of all parameters, distributed as the published code's, which are PyTorch's defaults: weights and biases
 * of a convolution uniform within {@code 1 / sqrt(inputs)} of 0 (its {@code kaiming_uniform_} with {@code a = sqrt(5)}),
 * clusters standard normal. Each parameter's depend on the seed and its name alone.
 */
final class Initialization {
    private final long seed;
    private final Purpose purpose;
    private final int features;
    private final int code;

    /**
     * @param features channels of the features, C
     * @param code channels of the code, D
     */
    Initialization(long seed, Purpose purpose, int features, int code) {
        this.seed = seed;
        this.purpose = purpose;
        this.features = features;
        this.code = code;
    }

    /** Returns a tensor of the head, by its name in a model file. */
    HostTensor head(String name) {
        int outputs = name.startsWith("cluster2.0.") ? features : code;
        return name.endsWith(".bias") ? bias(name, features, outputs) : weight(name, features, outputs);
    }

    /** Returns the weights of a convolution, {@code [outputs, inputs]}. */
    HostTensor weight(String name, int inputs, int outputs) {
        return HostTensor.of(uniform(name, inputs, outputs * inputs), outputs, inputs);
    }

    /** Returns the biases of a convolution, {@code [outputs]}. */
    HostTensor bias(String name, int inputs, int outputs) {
        return HostTensor.of(uniform(name, inputs, outputs), outputs);
    }

    /** Returns clusters, {@code [clusters, D]}. */
    HostTensor clusters(int clusters) {
        RandomGenerator random = random("cluster_probe.clusters");
        float[] values = new float[clusters * code];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return HostTensor.of(values, clusters, code);
    }

    private float[] uniform(String name, int inputs, int count) {
        RandomGenerator random = random(name);
        double bound = 1 / Math.sqrt(inputs);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (bound * (2 * random.nextDouble() - 1));
        }
        return values;
    }

    private RandomGenerator random(String name) {
        return StepRandom.of(seed, purpose, name.hashCode());
    }
}
