package org.stegokernels.device;

import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.Tensor;

/**
 * The training operations of an open device, one at a time, on its own memory only, and with arguments that fit ({@link
 * TrainingContract}); see {@link CheckedDevice}.
 */
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
            TrainingContract.linear(x, weight, bias, residual, out);
            kernels.linear(x, weight, bias, activation, residual, out);
        }
    }

    @Override
    public void linearGradient(
            Tensor x, Tensor weight, Tensor gradOut, Tensor gradX, Tensor gradWeight, Tensor gradBias) {
        synchronized (monitor) {
            device.require(x, weight, gradOut, gradX, gradWeight, gradBias);
            TrainingContract.linearGradient(x, weight, gradOut, gradX, gradWeight, gradBias);
            kernels.linearGradient(x, weight, gradOut, gradX, gradWeight, gradBias);
        }
    }

    @Override
    public void fill(Tensor out, float value) {
        synchronized (monitor) {
            device.require(out);
            TrainingContract.fill(out);
            kernels.fill(out, value);
        }
    }

    @Override
    public void addScaled(Tensor x, float factor, Tensor sum) {
        synchronized (monitor) {
            device.require(x, sum);
            TrainingContract.addScaled(x, sum);
            kernels.addScaled(x, factor, sum);
        }
    }

    @Override
    public void reluGradient(Tensor y, Tensor gradOut, Tensor gradX) {
        synchronized (monitor) {
            device.require(y, gradOut, gradX);
            TrainingContract.reluGradient(y, gradOut, gradX);
            kernels.reluGradient(y, gradOut, gradX);
        }
    }

    @Override
    public void scaleChannels(Tensor x, Tensor factors, Tensor out) {
        synchronized (monitor) {
            device.require(x, factors, out);
            TrainingContract.scaleChannels(x, factors, out);
            kernels.scaleChannels(x, factors, out);
        }
    }

    @Override
    public void normalizeGradient(Tensor x, float epsilon, Tensor gradOut, Tensor gradX) {
        synchronized (monitor) {
            device.require(x, gradOut, gradX);
            TrainingContract.normalizeGradient(x, gradOut, gradX);
            kernels.normalizeGradient(x, epsilon, gradOut, gradX);
        }
    }

    @Override
    public void bilinearGradient(Tensor gradOut, Tensor gradX) {
        synchronized (monitor) {
            device.require(gradOut, gradX);
            TrainingContract.bilinearGradient(gradOut, gradX);
            kernels.bilinearGradient(gradOut, gradX);
        }
    }

    @Override
    public void gridSample(Tensor x, Tensor images, Tensor coords, Tensor out) {
        synchronized (monitor) {
            device.require(x, images, coords, out);
            TrainingContract.gridSample("gridSample", x, images, coords, out);
            kernels.gridSample(x, images, coords, out);
        }
    }

    @Override
    public void gridSampleGradient(Tensor gradOut, Tensor images, Tensor coords, Tensor gradX) {
        synchronized (monitor) {
            device.require(gradOut, images, coords, gradX);
            TrainingContract.gridSample("gridSampleGradient", gradX, images, coords, gradOut);
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
            TrainingContract.correspondence(features1, features2, code1, code2, gradCode1, gradCode2, loss);
            kernels.correspondence(features1, features2, code1, code2, rule, weight, gradCode1, gradCode2, loss);
        }
    }

    @Override
    public void crossEntropy(Tensor logits, Tensor labels, float weight, Tensor gradLogits, Tensor loss) {
        synchronized (monitor) {
            device.require(logits, labels, gradLogits, loss);
            TrainingContract.crossEntropy(logits, labels, gradLogits, loss);
            kernels.crossEntropy(logits, labels, weight, gradLogits, loss);
        }
    }

    @Override
    public void assignmentLoss(Tensor cosines, float alpha, float weight, Tensor gradCosines, Tensor loss) {
        synchronized (monitor) {
            device.require(cosines, gradCosines, loss);
            TrainingContract.assignmentLoss(cosines, gradCosines, loss);
            kernels.assignmentLoss(cosines, alpha, weight, gradCosines, loss);
        }
    }

    @Override
    public void agreementLoss(Tensor a, Tensor b, float weight, Tensor gradA, Tensor loss) {
        synchronized (monitor) {
            device.require(a, b, gradA, loss);
            TrainingContract.agreementLoss(a, b, gradA, loss);
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
            TrainingContract.crfLoss(guidance, code, points, gradCode, loss);
            kernels.crfLoss(guidance, code, points, settings, weight, gradCode, loss);
        }
    }

    @Override
    public void adam(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamSettings settings, int step) {
        synchronized (monitor) {
            device.require(parameter, gradient, mean, square);
            TrainingContract.adam(parameter, gradient, mean, square, step);
            kernels.adam(parameter, gradient, mean, square, settings, step);
        }
    }

    @Override
    public void topK(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
        synchronized (monitor) {
            device.require(queries, keys, similarities, indices);
            TrainingContract.topK(queries, keys, similarities, indices);
            kernels.topK(queries, keys, similarities, indices);
        }
    }

    @Override
    public void nearestCenters(Tensor points, Tensor rows, Tensor centers, Tensor labels, Tensor sums, Tensor counts) {
        synchronized (monitor) {
            device.require(points, rows, centers, labels, sums, counts);
            TrainingContract.nearestCenters(points, rows, centers, labels, sums, counts);
            kernels.nearestCenters(points, rows, centers, labels, sums, counts);
        }
    }

    @Override
    public void runningMeans(Tensor sums, Tensor counts, Tensor totals, Tensor means) {
        synchronized (monitor) {
            device.require(sums, counts, totals, means);
            TrainingContract.runningMeans(sums, counts, totals, means);
            kernels.runningMeans(sums, counts, totals, means);
        }
    }
}
