package org.stegokernels.serve;

import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;

/** Softmax regression from codes to the outputs of a linear probe, held to where it begins. Deterministic. */
final class ProbeFit {
    private static final int STEPS = 120;
    private static final double RATE = 0.05;
    /** Pulls the probe to where it began. */
    private static final float RIDGE = 1e-3f;

    private static final double LEAST = 1e-30;

    private ProbeFit() {}

    /**
     * A linear probe.
     *
     * @param weights {@code [K, C]}
     * @param bias {@code [K]}
     */
    record Linear(float[] weights, float[] bias) {
        int outputs() {
            return bias.length;
        }

        /** Returns it with all logits multiplied. */
        Linear times(float factor) {
            float[] w = weights.clone();
            float[] b = bias.clone();
            for (int i = 0; i < w.length; i++) {
                w[i] *= factor;
            }
            for (int i = 0; i < b.length; i++) {
                b[i] *= factor;
            }
            return new Linear(w, b);
        }

        Candidates candidates(int generation, Candidates.Source source, float alpha) {
            return new Candidates(
                    generation,
                    source,
                    Probe.LINEAR,
                    HostTensor.of(weights, outputs(), weights.length / outputs()),
                    HostTensor.of(bias, outputs()),
                    alpha);
        }
    }

    /**
     * The rows that a probe is fitted to. The loss is the sum over them of the weight times the cross-entropy {@code -sum_k t[k]
     * log p[k]}, or where a row is but known to be one of several outputs, {@code -log sum p[k]} over these.
     *
     * @param codes {@code [n, C]}
     * @param targets {@code [m, K]}: probabilities for the first m rows
     * @param among for each of the other rows whether it may be output k, {@code [n - m][K]}
     * @param weights {@code [n]}
     */
    record Goal(float[] codes, float[] targets, boolean[][] among, float[] weights) {}

    /**
     * Fits a probe by Adam (Kingma and Ba 2015) over all rows at each step.
     *
     * @param start where it begins, and is held a little
     * @param length of codes, on the average: the steps are those for codes of length 1
     */
    static Linear fit(Device device, Goal goal, Linear start, float length) {
        int channels = start.weights().length / start.outputs();
        int count = goal.weights().length;
        int outputs = start.outputs();
        float[] scaled = new float[goal.codes().length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = goal.codes()[i] / length;
        }
        float[] begin = new float[start.weights().length];
        for (int i = 0; i < begin.length; i++) {
            begin[i] = start.weights()[i] * length;
        }
        float[] probabilities = new float[count * outputs];
        try (Tensor x = device.upload(scaled, count, channels);
                Tensor logits = device.allocate(count, outputs);
                Parameter weights = new Parameter(device, begin, outputs, channels);
                Parameter bias = new Parameter(device, start.bias(), outputs)) {
            for (int step = 1; step <= STEPS; step++) {
                device.training().linear(x, weights.value, bias.value, Activation.NONE, null, logits);
                device.kernels().softmax(logits, 1, logits);
                device.read(logits, probabilities);
                gradient(goal, outputs, probabilities);
                device.write(probabilities, logits);
                device.training().linearGradient(x, weights.value, logits, null, weights.gradient, bias.gradient);
                weights.step(step);
                bias.step(step);
            }
            float[] fitted = device.floats(weights.value);
            for (int i = 0; i < fitted.length; i++) {
                fitted[i] /= length;
            }
            return new Linear(fitted, device.floats(bias.value));
        }
    }

    /** Something that is fitted, with the state of its optimizer. */
    private static final class Parameter implements AutoCloseable {
        private final Device device;
        private final Tensor value;
        private final Tensor begin;
        private final Tensor gradient;
        private final Tensor mean;
        private final Tensor square;

        Parameter(Device device, float[] values, int... dims) {
            this.device = device;
            value = device.upload(values, dims);
            begin = device.upload(values, dims);
            gradient = device.allocate(dims);
            mean = device.allocate(dims);
            square = device.allocate(dims);
        }

        void step(int number) {
            device.training().addScaled(value, RIDGE, gradient);
            device.training().addScaled(begin, -RIDGE, gradient);
            device.training().adam(value, gradient, mean, square, AdamSettings.of(RATE), number);
        }

        @Override
        public void close() {
            value.close();
            begin.close();
            gradient.close();
            mean.close();
            square.close();
        }
    }

    private static double inside(boolean[] among, float[] probabilities, int first) {
        double sum = 0;
        for (int k = 0; k < among.length; k++) {
            sum += among[k] ? probabilities[first + k] : 0;
        }
        return sum;
    }

    /**
     * Replaces probabilities by the gradient of the loss for their logits: {@code w (p - t)}, where of a set of
     * outputs t is p within the set, divided by its sum.
     */
    static void gradient(Goal goal, int outputs, float[] probabilities) {
        int known = goal.targets().length / outputs;
        for (int i = 0; i < goal.weights().length; i++) {
            int first = i * outputs;
            float weight = goal.weights()[i];
            if (i < known) {
                for (int k = first; k < first + outputs; k++) {
                    probabilities[k] = weight * (probabilities[k] - goal.targets()[k]);
                }
            } else {
                boolean[] among = goal.among()[i - known];
                double sum = Math.max(inside(among, probabilities, first), LEAST);
                for (int k = 0; k < outputs; k++) {
                    float p = probabilities[first + k];
                    probabilities[first + k] = (float) (weight * (p - (among[k] ? p / sum : 0)));
                }
            }
        }
    }
}
