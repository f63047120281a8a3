package org.stegokernels.stego;

import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.stego.LinearProbe.Goal;
import org.stegokernels.stego.LinearProbe.Values;
import org.stegokernels.tensor.Tensor;

/**
 * Softmax regression from codes to the outputs of a linear probe: the rows on a device, L-BFGS in double precision around
 * it. Codes are moved so that their mean is 0 and scaled so that the root of their mean square length is 1; the ridge is of
 * the weights for these. One thread at a time.
 */
final class ProbeFit implements AutoCloseable {
    /** Steps end when one lowers the loss by less than this part of it. */
    private static final double TOLERANCE = 1e-6;

    private static final double LEAST = 1e-30;

    private final Device device;
    private final Goal goal;
    private final int channels;
    private final int outputs;
    private final double[] mean;
    private final double length;
    private final Tensor codes;
    private final Tensor weights;
    private final Tensor bias;
    private final Tensor logits;
    private final Tensor weightGradient;
    private final Tensor biasGradient;
    private final float[] rows;

    ProbeFit(Device device, Goal goal, int outputs) {
        this.device = device;
        this.goal = goal;
        this.outputs = outputs;
        int count = goal.weights().length;
        channels = goal.codes().length / count;
        mean = mean(goal.codes(), channels);
        length = length(goal.codes(), mean);
        rows = new float[count * outputs];
        codes = device.upload(standard(), count, channels);
        weights = device.allocate(outputs, channels);
        bias = device.allocate(outputs);
        logits = device.allocate(count, outputs);
        weightGradient = device.allocate(outputs, channels);
        biasGradient = device.allocate(outputs);
    }

    private static double[] mean(float[] codes, int channels) {
        double[] mean = new double[channels];
        for (int i = 0; i < codes.length; i++) {
            mean[i % channels] += codes[i];
        }
        for (int c = 0; c < channels; c++) {
            mean[c] /= (double) codes.length / channels;
        }
        return mean;
    }

    private static double length(float[] codes, double[] mean) {
        double squares = 0;
        for (int i = 0; i < codes.length; i++) {
            double difference = codes[i] - mean[i % mean.length];
            squares += difference * difference;
        }
        return Math.max(Math.sqrt(squares / Math.max(1, codes.length / mean.length)), LEAST);
    }

    private float[] standard() {
        float[] standard = new float[goal.codes().length];
        for (int i = 0; i < standard.length; i++) {
            standard[i] = (float) ((goal.codes()[i] - mean[i % channels]) / length);
        }
        return standard;
    }

    /** Fits a probe as {@link LinearProbe#fit} says. */
    Values fit(Values start, double ridge, int steps) {
        int size = outputs * channels;
        double[] begin = new double[size + outputs];
        for (int k = 0; k < outputs; k++) {
            begin[size + k] = start.bias()[k];
            for (int c = 0; c < channels; c++) {
                float weight = start.weights()[k * channels + c];
                begin[k * channels + c] = weight * length;
                begin[size + k] += weight * mean[c];
            }
        }
        double[] x = begin.clone();
        Lbfgs.minimize((at, gradient) -> loss(at, begin, ridge, gradient), x, steps, TOLERANCE);
        float[] fitted = new float[size];
        float[] offsets = new float[outputs];
        for (int k = 0; k < outputs; k++) {
            double offset = x[size + k];
            for (int c = 0; c < channels; c++) {
                double weight = x[k * channels + c] / length;
                fitted[k * channels + c] = (float) weight;
                offset -= weight * mean[c];
            }
            offsets[k] = (float) offset;
        }
        return new Values(fitted, offsets);
    }

    /** Computes the loss of weights, followed by biases, and its gradient. */
    private double loss(double[] x, double[] begin, double ridge, double[] gradient) {
        int size = outputs * channels;
        device.write(floats(x, 0, size), weights);
        device.write(floats(x, size, outputs), bias);
        device.training().linear(codes, weights, bias, Activation.NONE, null, logits);
        device.kernels().logSoftmax(logits, 1, logits);
        device.read(logits, rows);
        double loss = gradient(goal, outputs, rows);
        device.write(rows, logits);
        device.training().linearGradient(codes, weights, logits, null, weightGradient, biasGradient);
        copy(device.floats(weightGradient), gradient, 0);
        copy(device.floats(biasGradient), gradient, size);
        for (int i = 0; i < size; i++) {
            double away = x[i] - begin[i];
            loss += ridge / 2 * away * away;
            gradient[i] += ridge * away;
        }
        return loss;
    }

    private static float[] floats(double[] x, int from, int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) x[from + i];
        }
        return floats;
    }

    private static void copy(float[] from, double[] to, int at) {
        for (int i = 0; i < from.length; i++) {
            to[at + i] = from[i];
        }
    }

    /**
     * Replaces logarithms of probabilities by the gradient of the loss for their logits: {@code w (p - t)}, where of a set
     * of outputs t is p within the set, divided by its sum.
     *
     * @return the loss without ridge
     */
    static double gradient(Goal goal, int outputs, float[] rows) {
        int known = goal.targets().length / outputs;
        double loss = 0;
        for (int i = 0; i < goal.weights().length; i++) {
            int first = i * outputs;
            float weight = goal.weights()[i];
            if (i < known) {
                for (int k = first; k < first + outputs; k++) {
                    float target = goal.targets()[k];
                    loss -= target == 0 ? 0 : (double) weight * target * rows[k];
                    rows[k] = (float) (weight * (Math.exp(rows[k]) - target));
                }
            } else {
                boolean[] among = goal.among()[i - known];
                double inside = inside(among, rows, first);
                loss -= weight * Math.log(inside);
                for (int k = 0; k < outputs; k++) {
                    double p = Math.exp(rows[first + k]);
                    rows[first + k] = (float) (weight * (p - (among[k] ? p / inside : 0)));
                }
            }
        }
        return loss;
    }

    private static double inside(boolean[] among, float[] rows, int first) {
        double sum = 0;
        for (int k = 0; k < among.length; k++) {
            sum += among[k] ? Math.exp(rows[first + k]) : 0;
        }
        return Math.max(sum, LEAST);
    }

    @Override
    public void close() {
        codes.close();
        weights.close();
        bias.close();
        logits.close();
        weightGradient.close();
        biasGradient.close();
    }
}
