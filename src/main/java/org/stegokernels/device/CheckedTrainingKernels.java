package org.stegokernels.device;

import static org.stegokernels.device.Contract.floats;
import static org.stegokernels.device.Contract.ints;
import static org.stegokernels.device.Contract.is;
import static org.stegokernels.device.Contract.last;
import static org.stegokernels.device.Contract.loss;
import static org.stegokernels.device.Contract.rank;
import static org.stegokernels.device.Contract.require;
import static org.stegokernels.device.Contract.same;

import java.util.Arrays;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.Tensor;

/** The training operations of an open device, as {@link CheckedKernels} has the others. */
final class CheckedTrainingKernels implements TrainingKernels {
    private final CheckedDevice device;
    private final Object monitor;
    private final TrainingKernels kernels;

    CheckedTrainingKernels(CheckedDevice device, TrainingKernels kernels) {
        this.device = device;
        this.monitor = device.monitor();
        this.kernels = kernels;
    }

    @Override
    public void linear(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor residual, Tensor out) {
        synchronized (monitor) {
            device.require(x, weight, bias, residual, out);
            boolean fits = floats(x, weight, bias, residual, out)
                    && rank(2, weight)
                    && weight.shape().size() > 0
                    && last(x) == last(weight)
                    && last(out) == weight.shape().dim(0)
                    && x.shape().rows() == out.shape().rows()
                    && is(bias, weight.shape().dim(0))
                    && same(out, residual);
            require(fits, "linear", x, weight, bias, residual, out);
            kernels.linear(x, weight, bias, activation, residual, out);
        }
    }

    @Override
    public void linearGradient(
            Tensor x, Tensor weight, Tensor gradOut, Tensor gradX, Tensor gradWeight, Tensor gradBias) {
        synchronized (monitor) {
            device.require(x, weight, gradOut, gradX, gradWeight, gradBias);
            boolean fits = floats(x, weight, gradOut, gradX, gradWeight, gradBias)
                    && rank(2, weight)
                    && weight.shape().size() > 0
                    && last(gradOut) == weight.shape().dim(0)
                    && rowsOf(x, gradOut, last(weight))
                    && rowsOf(gradX, gradOut, last(weight))
                    && (x != null || gradWeight == null)
                    && same(weight, gradWeight)
                    && is(gradBias, weight.shape().dim(0));
            require(fits, "linearGradient", x, weight, gradOut, gradX, gradWeight, gradBias);
            kernels.linearGradient(x, weight, gradOut, gradX, gradWeight, gradBias);
        }
    }

    @Override
    public void fill(Tensor out, float value) {
        synchronized (monitor) {
            device.require(out);
            require(floats(out), "fill", out);
            kernels.fill(out, value);
        }
    }

    @Override
    public void addScaled(Tensor x, float factor, Tensor sum) {
        synchronized (monitor) {
            device.require(x, sum);
            require(floats(x, sum) && same(x, sum), "addScaled", x, sum);
            kernels.addScaled(x, factor, sum);
        }
    }

    @Override
    public void reluGradient(Tensor y, Tensor gradOut, Tensor gradX) {
        synchronized (monitor) {
            device.require(y, gradOut, gradX);
            require(floats(y, gradOut, gradX) && same(y, gradOut, gradX), "reluGradient", y, gradOut, gradX);
            kernels.reluGradient(y, gradOut, gradX);
        }
    }

    @Override
    public void scaleChannels(Tensor x, Tensor factors, Tensor out) {
        synchronized (monitor) {
            device.require(x, factors, out);
            boolean fits = floats(x, factors, out)
                    && x.shape().rank() >= 2
                    && is(factors, x.shape().dim(0), last(x))
                    && same(x, out);
            require(fits, "scaleChannels", x, factors, out);
            kernels.scaleChannels(x, factors, out);
        }
    }

    @Override
    public void normalizeGradient(Tensor x, float epsilon, Tensor gradOut, Tensor gradX) {
        synchronized (monitor) {
            device.require(x, gradOut, gradX);
            require(floats(x, gradOut, gradX) && same(x, gradOut, gradX), "normalizeGradient", x, gradOut, gradX);
            kernels.normalizeGradient(x, epsilon, gradOut, gradX);
        }
    }

    @Override
    public void softmaxGradient(Tensor y, float scale, Tensor gradOut, Tensor gradX) {
        synchronized (monitor) {
            device.require(y, gradOut, gradX);
            require(floats(y, gradOut, gradX) && same(y, gradOut, gradX), "softmaxGradient", y, gradOut, gradX);
            kernels.softmaxGradient(y, scale, gradOut, gradX);
        }
    }

    @Override
    public void bilinearGradient(Tensor gradOut, Tensor gradX) {
        synchronized (monitor) {
            device.require(gradOut, gradX);
            boolean fits = floats(gradOut, gradX)
                    && rank(4, gradOut, gradX)
                    && gradOut.shape().dim(0) == gradX.shape().dim(0)
                    && last(gradOut) == last(gradX)
                    && (gradX.shape().size() > 0 || gradOut.shape().size() == 0);
            require(fits, "bilinearGradient", gradOut, gradX);
            kernels.bilinearGradient(gradOut, gradX);
        }
    }

    @Override
    public void gridSample(Tensor x, Tensor images, Tensor coords, Tensor out) {
        synchronized (monitor) {
            device.require(x, images, coords, out);
            gridSample("gridSample", x, images, coords, out);
            kernels.gridSample(x, images, coords, out);
        }
    }

    @Override
    public void gridSampleGradient(Tensor gradOut, Tensor images, Tensor coords, Tensor gradX) {
        synchronized (monitor) {
            device.require(gradOut, images, coords, gradX);
            gridSample("gridSampleGradient", gradX, images, coords, gradOut);
            kernels.gridSampleGradient(gradOut, images, coords, gradX);
        }
    }

    @Override
    public void correspondence(
            Tensor features1,
            Tensor features2,
            Tensor code1,
            Tensor code2,
            CorrespondenceRule rule,
            float weight,
            Tensor gradCode1,
            Tensor gradCode2,
            Tensor loss) {
        synchronized (monitor) {
            device.require(features1, features2, code1, code2, gradCode1, gradCode2, loss);
            boolean fits = floats(features1, features2, code1, code2, gradCode1, gradCode2)
                    && rank(3, features1, code1)
                    && features1.shape().size() > 0
                    && code1.shape().size() > 0
                    && features1.shape().dim(0) == code1.shape().dim(0)
                    && features1.shape().dim(1) == code1.shape().dim(1)
                    && same(features1, features2)
                    && same(code1, code2, gradCode1, gradCode2)
                    && loss(loss);
            require(fits, "correspondence", features1, features2, code1, code2, gradCode1, gradCode2, loss);
            kernels.correspondence(features1, features2, code1, code2, rule, weight, gradCode1, gradCode2, loss);
        }
    }

    @Override
    public void crossEntropy(
            Tensor logits, Tensor labels, Tensor classWeights, float weight, Tensor gradLogits, Tensor loss) {
        synchronized (monitor) {
            device.require(logits, labels, classWeights, gradLogits, loss);
            boolean fits = floats(logits, classWeights, gradLogits)
                    && ints(labels)
                    && rank(4, logits)
                    && rank(3, labels)
                    && logits.shape().dim(0) == labels.shape().dim(0)
                    && (logits.shape().size() > 0 || labels.shape().size() == 0)
                    && is(classWeights, logits.shape().dim(3))
                    && same(logits, gradLogits)
                    && loss(loss);
            require(fits, "crossEntropy", logits, labels, classWeights, gradLogits, loss);
            kernels.crossEntropy(logits, labels, classWeights, weight, gradLogits, loss);
        }
    }

    @Override
    public void assignmentLoss(Tensor cosines, float alpha, float weight, Tensor gradCosines, Tensor loss) {
        synchronized (monitor) {
            device.require(cosines, gradCosines, loss);
            boolean fits = floats(cosines, gradCosines)
                    && cosines.shape().size() > 0
                    && same(cosines, gradCosines)
                    && loss(loss);
            require(fits, "assignmentLoss", cosines, gradCosines, loss);
            kernels.assignmentLoss(cosines, alpha, weight, gradCosines, loss);
        }
    }

    @Override
    public void agreementLoss(Tensor a, Tensor b, float weight, Tensor gradA, Tensor loss) {
        synchronized (monitor) {
            device.require(a, b, gradA, loss);
            boolean fits = floats(a, b, gradA) && a.shape().size() > 0 && same(a, b, gradA) && loss(loss);
            require(fits, "agreementLoss", a, b, gradA, loss);
            kernels.agreementLoss(a, b, weight, gradA, loss);
        }
    }

    @Override
    public void crfLoss(
            Tensor guidance,
            Tensor code,
            Tensor points,
            GuidanceSettings settings,
            float weight,
            Tensor gradCode,
            Tensor loss) {
        synchronized (monitor) {
            device.require(guidance, code, points, gradCode, loss);
            boolean fits = floats(guidance, code, gradCode)
                    && ints(points)
                    && rank(4, guidance, code)
                    && code.shape().size() > 0
                    && Arrays.equals(guidance.shape().dims(), 0, 3, code.shape().dims(), 0, 3)
                    && rank(2, points)
                    && points.shape().dim(0) == 2
                    && points.shape().size() > 0
                    && same(code, gradCode)
                    && loss(loss);
            require(fits, "crfLoss", guidance, code, points, gradCode, loss);
            kernels.crfLoss(guidance, code, points, settings, weight, gradCode, loss);
        }
    }

    @Override
    public void adam(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamSettings settings, int step) {
        synchronized (monitor) {
            device.require(parameter, gradient, mean, square);
            boolean fits =
                    floats(parameter, gradient, mean, square) && same(parameter, gradient, mean, square) && step > 0;
            require(fits, "adam at step " + step, parameter, gradient, mean, square);
            kernels.adam(parameter, gradient, mean, square, settings, step);
        }
    }

    @Override
    public void topK(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
        synchronized (monitor) {
            device.require(queries, keys, similarities, indices);
            boolean fits = floats(queries, keys, similarities)
                    && ints(indices)
                    && rank(2, queries, keys, similarities, indices)
                    && last(queries) == last(keys)
                    && last(queries) > 0
                    && similarities.shape().dim(0) == queries.shape().dim(0)
                    && last(similarities) > 0
                    && last(similarities) <= keys.shape().dim(0)
                    && same(similarities, indices);
            require(fits, "topK", queries, keys, similarities, indices);
            kernels.topK(queries, keys, similarities, indices);
        }
    }

    @Override
    public void nearestCenters(Tensor points, Tensor rows, Tensor centers, Tensor labels, Tensor sums, Tensor counts) {
        synchronized (monitor) {
            device.require(points, rows, centers, labels, sums, counts);
            boolean fits = floats(points, centers, sums)
                    && ints(rows, labels, counts)
                    && rank(2, points, centers)
                    && rank(1, rows)
                    && centers.shape().size() > 0
                    && last(points) == last(centers)
                    && same(rows, labels)
                    && same(centers, sums)
                    && is(counts, centers.shape().dim(0));
            require(fits, "nearestCenters", points, rows, centers, labels, sums, counts);
            kernels.nearestCenters(points, rows, centers, labels, sums, counts);
        }
    }

    @Override
    public void runningMeans(Tensor sums, Tensor counts, Tensor totals, Tensor means) {
        synchronized (monitor) {
            device.require(sums, counts, totals, means);
            boolean fits = floats(sums, means)
                    && ints(counts, totals)
                    && rank(2, sums)
                    && same(sums, means)
                    && is(counts, sums.shape().dim(0))
                    && same(counts, totals);
            require(fits, "runningMeans", sums, counts, totals, means);
            kernels.runningMeans(sums, counts, totals, means);
        }
    }

    private static boolean rowsOf(Tensor x, Tensor gradOut, int channels) {
        return x == null
                || last(x) == channels && x.shape().rows() == gradOut.shape().rows();
    }

    private static void gridSample(String operation, Tensor x, Tensor images, Tensor coords, Tensor out) {
        boolean fits = floats(x, coords, out)
                && ints(images)
                && rank(4, x, coords, out)
                && last(coords) == 2
                && last(x) == last(out)
                && coords.shape().rows() == out.shape().rows()
                && Arrays.equals(coords.shape().dims(), 0, 3, out.shape().dims(), 0, 3)
                && is(images, out.shape().dim(0))
                && (x.shape().size() > 0 || out.shape().size() == 0);
        require(fits, operation, x, images, coords, out);
    }
}
