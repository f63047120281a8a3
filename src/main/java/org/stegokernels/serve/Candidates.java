package org.stegokernels.serve;

import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.stego.LinearProbe;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;

/**
 * The clusters, or the outputs of a linear probe, among which each patch is decided; classes are made of them. Immutable.
 *
 * @param generation a number of its own
 * @param source where they come from
 * @param probe what kind of probe they are
 * @param weights {@code [K, C]}: centres of clusters, or the weight of a linear probe
 * @param bias {@code [K]} of a linear probe; null for clusters
 * @param alpha sharpness of clusters
 */
record Candidates(int generation, Source source, Probe probe, HostTensor weights, HostTensor bias, float alpha) {
    /** The most that a byte tells apart, since 255 means no class. */
    static final int MOST = 255;

    private static final String CLUSTERS = "cluster_probe.clusters";
    private static final String WEIGHT = "linear_probe.weight";
    private static final String BIAS = "linear_probe.bias";
    private static final float SHORTEST = 1e-12f;

    /** The origin of candidates. */
    enum Source {
        MODEL,
        CLUSTERS,
        TAUGHT
    }

    /** @throws Problem 422 if there are more than a byte tells apart */
    Candidates {
        if (weights.shape().dim(0) > MOST) {
            throw new Problem(
                    422,
                    "There would be " + weights.shape().dim(0) + " clusters or outputs; the board tells " + MOST
                            + " apart.");
        }
    }

    /** Returns those of a model that has a probe: its clusters, or without any the outputs of its linear probe. */
    static Candidates of(Stego model, int generation) {
        Map<String, HostTensor> tensors = model.probeTensors();
        Probe probe = model.probes().get(0);
        boolean clusters = probe == Probe.CLUSTER;
        HostTensor weights = tensors.get(clusters ? CLUSTERS : WEIGHT);
        int count = weights.shape().dim(0);
        return new Candidates(
                generation,
                Source.MODEL,
                probe,
                HostTensor.of(weights.values(), count, weights.shape().size() / count),
                clusters ? null : tensors.get(BIAS),
                model.info().settings().alpha());
    }

    /**
     * Returns the outputs of a linear probe.
     *
     * @param alpha sharpness of clusters that take their place later
     */
    static Candidates of(LinearProbe.Values probe, int generation, Source source, float alpha) {
        int count = probe.outputs();
        return new Candidates(
                generation,
                source,
                Probe.LINEAR,
                HostTensor.of(probe.weights(), count, probe.weights().length / count),
                HostTensor.of(probe.bias(), count),
                alpha);
    }

    /** Returns how many there are. */
    int count() {
        return weights.shape().dim(0);
    }

    /** Returns the length of a code. */
    int channels() {
        return weights.shape().dim(1);
    }

    /**
     * Returns a model with these candidates for its probe.
     *
     * @param base whose backbone and head it shares
     * @param size shorter side in pixels of what the model sees
     * @param classes the names, colours and candidates of its classes; the rest is that of the base and of these candidates
     */
    Stego in(Stego base, int size, ModelInfo classes) {
        ModelInfo.Settings old = base.info().settings();
        ModelInfo.Settings settings =
                new ModelInfo.Settings(old.feature(), size, alpha, old.source(), old.licence(), old.views());
        ModelInfo info = new ModelInfo(
                classes.classNames(),
                classes.colours(),
                classes.clusterToClass(),
                settings,
                base.info().notes());
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        if (probe == Probe.CLUSTER) {
            tensors.put(CLUSTERS, weights);
        } else {
            tensors.putAll(new LinearProbe.Values(weights.values(), bias.values()).tensors());
        }
        return base.withProbe(tensors, info);
    }

    /**
     * Computes the logits of codes: cosines of clusters times their sharpness, or what a linear probe gives.
     *
     * @param codes {@code [n, C]}
     * @return {@code [n, K]}
     */
    float[] logits(Device device, float[] codes) {
        int count = codes.length / channels();
        if (count == 0) {
            return new float[0];
        }
        boolean clusters = probe == Probe.CLUSTER;
        float[] rows = clusters ? unit(weights.values(), channels(), alpha) : weights.values();
        try (Tensor in = device.upload(codes, count, channels());
                Tensor matrix = device.upload(rows, count(), channels());
                Tensor offset = clusters ? null : device.upload(bias.values(), count());
                LinearWeights packed = device.kernels().packLinear(matrix, offset);
                Tensor out = device.allocate(count, count())) {
            if (clusters) {
                device.kernels().normalize(in, SHORTEST, in);
            }
            device.kernels().linear(in, packed, Activation.NONE, null, out);
            return device.floats(out);
        }
    }

    /** Returns rows of a length. */
    static float[] unit(float[] rows, int channels, float length) {
        float[] unit = new float[rows.length];
        for (int first = 0; first < rows.length; first += channels) {
            double squares = 0;
            for (int c = first; c < first + channels; c++) {
                squares += (double) rows[c] * rows[c];
            }
            double factor = length / Math.max(Math.sqrt(squares), SHORTEST);
            for (int c = first; c < first + channels; c++) {
                unit[c] = (float) (rows[c] * factor);
            }
        }
        return unit;
    }

    /** Returns the most likely candidate of each row of logits. */
    int[] best(float[] logits) {
        int[] best = new int[logits.length / count()];
        for (int i = 0; i < best.length; i++) {
            int at = 0;
            for (int k = 1; k < count(); k++) {
                at = logits[i * count() + k] > logits[i * count() + at] ? k : at;
            }
            best[i] = at;
        }
        return best;
    }
}
