package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.AdamRates;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.Tensor;

/** The training operations of the CPU device: each is in the class of its name, or here if it is a loop over rows. */
final class CpuTrainingKernels implements TrainingKernels {
    private final TrainingLanes training;
    private final Parallel parallel;
    private final TrainedLinear linear;
    private final BilinearGradient bilinearGradient;
    private final GridSample gridSample;
    private final Correspondence correspondence;
    private final CrossEntropy crossEntropy;
    private final AssignmentLoss assignmentLoss;
    private final CrfLoss crfLoss;
    private final TopK topK;
    private final NearestCenters nearestCenters;

    CpuTrainingKernels(Lanes lanes, Gemm gemm, Parallel parallel, Workspace workspace) {
        this.training = lanes.training();
        this.parallel = parallel;
        RowLanes rowLanes = lanes.rows();
        Tiles tiles = new Tiles(lanes.gemm());
        this.linear = new TrainedLinear(gemm, tiles, rowLanes, parallel, workspace);
        this.bilinearGradient = new BilinearGradient(training, parallel, workspace);
        this.gridSample = new GridSample(training, parallel);
        this.correspondence = new Correspondence(tiles, training, rowLanes, parallel, workspace);
        this.crossEntropy = new CrossEntropy(lanes, parallel, workspace);
        this.assignmentLoss = new AssignmentLoss(rowLanes, parallel, workspace);
        this.crfLoss = new CrfLoss(tiles, training, parallel, workspace);
        this.topK = new TopK(tiles, training, parallel, workspace);
        this.nearestCenters = new NearestCenters(tiles, training, rowLanes, parallel, workspace);
    }

    private static void put(double value, Tensor loss) {
        CpuDevice.array(loss)[0] = (float) value;
    }

    @Override
    public void linear(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor residual, Tensor out) {
        linear.forward(x, weight, bias, activation, residual, out);
    }

    @Override
    public void linearGradient(
            Tensor x, Tensor weight, Tensor gradOut, Tensor gradX, Tensor gradWeight, Tensor gradBias) {
        linear.gradient(x, weight, gradOut, gradX, gradWeight, gradBias);
    }

    @Override
    public void fill(Tensor out, float value) {
        Arrays.fill(CpuDevice.array(out), 0, out.shape().size(), value);
    }

    @Override
    public void addScaled(Tensor x, float factor, Tensor sum) {
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(sum);
        RowBlocks.overElements(
                parallel, x, (first, count, worker) -> training.addScaled(from, first, count, factor, to, first));
    }

    @Override
    public void reluGradient(Tensor y, Tensor gradOut, Tensor gradX) {
        float[] output = CpuDevice.array(y);
        float[] g = CpuDevice.array(gradOut);
        float[] out = CpuDevice.array(gradX);
        RowBlocks.overElements(
                parallel, y, (first, count, worker) -> training.positivePart(output, g, first, first + count, out));
    }

    @Override
    public void scaleChannels(Tensor x, Tensor factors, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] by = CpuDevice.array(factors);
        float[] to = CpuDevice.array(out);
        int channels = x.shape().dim(-1);
        int perImage = x.shape().rows() / Math.max(1, x.shape().dim(0));
        RowBlocks.overRows(parallel, x, (first, count, worker) -> {
            for (int row = first; row < first + count; row++) {
                training.multiply(from, row * channels, by, row / perImage * channels, channels, to, row * channels);
            }
        });
    }

    /** Takes out of the gradient what of it is along the row. */
    @Override
    public void normalizeGradient(Tensor x, float epsilon, Tensor gradOut, Tensor gradX) {
        float[] in = CpuDevice.array(x);
        float[] g = CpuDevice.array(gradOut);
        float[] out = CpuDevice.array(gradX);
        int channels = x.shape().dim(-1);
        RowBlocks.overRows(parallel, x, (first, count, worker) -> {
            for (int row = first * channels; row < (first + count) * channels; row += channels) {
                double squares = training.dot(in, row, in, row, channels);
                double length = Math.sqrt(squares);
                double along = length < epsilon ? 0 : training.dot(in, row, g, row, channels) / squares;
                double scale = 1 / Math.max(length, epsilon);
                training.combine(g, row, (float) scale, in, row, (float) (-along * scale), channels, out, row);
            }
        });
    }

    @Override
    public void softmaxGradient(Tensor y, float scale, Tensor gradOut, Tensor gradX) {
        float[] probabilities = CpuDevice.array(y);
        float[] g = CpuDevice.array(gradOut);
        float[] out = CpuDevice.array(gradX);
        int channels = y.shape().dim(-1);
        RowBlocks.overRows(parallel, y, (first, count, worker) -> {
            for (int row = first * channels; row < (first + count) * channels; row += channels) {
                double mean = training.dot(probabilities, row, g, row, channels);
                training.multiply(g, row, probabilities, row, channels, out, row);
                training.combine(out, row, scale, probabilities, row, (float) (-mean * scale), channels, out, row);
            }
        });
    }

    @Override
    public void bilinearGradient(Tensor gradOut, Tensor gradX) {
        bilinearGradient.run(gradOut, gradX);
    }

    @Override
    public void gridSample(Tensor x, Tensor images, Tensor coords, Tensor out) {
        gridSample.run(x, images, coords, out);
    }

    @Override
    public void gridSampleGradient(Tensor gradOut, Tensor images, Tensor coords, Tensor gradX) {
        gridSample.gradient(gradOut, images, coords, gradX);
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
        put(correspondence.run(features1, features2, code1, code2, rule, weight, gradCode1, gradCode2), loss);
    }

    @Override
    public void crossEntropy(
            Tensor logits, Tensor labels, Tensor classWeights, float weight, Tensor gradLogits, Tensor loss) {
        put(crossEntropy.run(logits, labels, classWeights, weight, gradLogits), loss);
    }

    @Override
    public void assignmentLoss(Tensor cosines, float alpha, float weight, Tensor gradCosines, Tensor loss) {
        put(assignmentLoss.run(cosines, alpha, weight, gradCosines), loss);
    }

    /** Computes the mean negative product of rows, and its gradient. */
    @Override
    public void agreementLoss(Tensor a, Tensor b, float weight, Tensor gradA, Tensor loss) {
        float[] x = CpuDevice.array(a);
        float[] y = CpuDevice.array(b);
        float[] g = CpuDevice.array(gradA);
        int channels = a.shape().dim(-1);
        int count = a.shape().rows();
        float factor = -weight / count;
        double sum = RowBlocks.sum(parallel, count, channels, (first, length, worker) -> {
            double dots = 0;
            for (int row = first * channels; row < (first + length) * channels; row += channels) {
                dots += training.dot(x, row, y, row, channels);
            }
            Arrays.fill(g, first * channels, (first + length) * channels, 0f);
            training.addScaled(y, first * channels, length * channels, factor, g, first * channels);
            return dots;
        });
        put(-sum / count, loss);
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
        put(crfLoss.run(guidance, code, points, settings, weight, gradCode), loss);
    }

    @Override
    public void adam(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamSettings settings, int step) {
        AdamRates rates = settings.at(step);
        float[] value = CpuDevice.array(parameter);
        float[] g = CpuDevice.array(gradient);
        float[] m = CpuDevice.array(mean);
        float[] v = CpuDevice.array(square);
        RowBlocks.overElements(
                parallel,
                parameter,
                (first, count, worker) -> training.adam(value, g, m, v, first, first + count, rates));
    }

    @Override
    public void topK(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
        topK.run(queries, keys, similarities, indices);
    }

    @Override
    public void nearestCenters(Tensor points, Tensor rows, Tensor centers, Tensor labels, Tensor sums, Tensor counts) {
        nearestCenters.run(points, rows, centers, labels, sums, counts);
    }

    /** Updates a few dozen rows, on one thread. */
    @Override
    public void runningMeans(Tensor sums, Tensor counts, Tensor totals, Tensor means) {
        float[] sum = CpuDevice.array(sums);
        float[] mean = CpuDevice.array(means);
        int[] count = CpuDevice.intArray(counts);
        int[] total = CpuDevice.intArray(totals);
        int channels = sums.shape().dim(1);
        for (int cluster = 0; cluster < sums.shape().dim(0); cluster++) {
            total[cluster] = Math.addExact(total[cluster], count[cluster]);
            for (int i = cluster * channels; total[cluster] > 0 && i < (cluster + 1) * channels; i++) {
                mean[i] += (float) ((sum[i] - (double) count[cluster] * mean[i]) / total[cluster]);
            }
        }
    }
}
