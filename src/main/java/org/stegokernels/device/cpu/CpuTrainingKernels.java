package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.Tensor;

/** The training operations of the CPU device: each is in the class of its name, or in {@link RowOperations}. */
final class CpuTrainingKernels implements TrainingKernels {
    private final RowOperations rows;
    private final TrainedLinear linear;
    private final BilinearGradient bilinearGradient;
    private final GridSample gridSample;
    private final Correspondence correspondence;
    private final CrossEntropy crossEntropy;
    private final AssignmentLoss assignmentLoss;
    private final CrfLoss crfLoss;
    private final TopK topK;
    private final NearestCenters nearestCenters;

    CpuTrainingKernels(Lanes lanes, Gemm gemm, RowOperations rows, Parallel parallel, Workspace workspace) {
        this.rows = rows;
        TrainingLanes training = lanes.training();
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
        rows.addScaled(x, factor, sum);
    }

    @Override
    public void reluGradient(Tensor y, Tensor gradOut, Tensor gradX) {
        rows.reluGradient(y, gradOut, gradX);
    }

    @Override
    public void scaleChannels(Tensor x, Tensor factors, Tensor out) {
        rows.scaleChannels(x, factors, out);
    }

    @Override
    public void normalizeGradient(Tensor x, float epsilon, Tensor gradOut, Tensor gradX) {
        rows.normalizeGradient(x, epsilon, gradOut, gradX);
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
    public void crossEntropy(Tensor logits, Tensor labels, float weight, Tensor gradLogits, Tensor loss) {
        put(crossEntropy.run(logits, labels, weight, gradLogits), loss);
    }

    @Override
    public void assignmentLoss(Tensor cosines, float alpha, float weight, Tensor gradCosines, Tensor loss) {
        put(assignmentLoss.run(cosines, alpha, weight, gradCosines), loss);
    }

    @Override
    public void agreementLoss(Tensor a, Tensor b, float weight, Tensor gradA, Tensor loss) {
        put(rows.agreementLoss(a, b, weight, gradA), loss);
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
        rows.adam(parameter, gradient, mean, square, settings.at(step));
    }

    @Override
    public void topK(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
        topK.run(queries, keys, similarities, indices);
    }

    @Override
    public void nearestCenters(Tensor points, Tensor rows, Tensor centers, Tensor labels, Tensor sums, Tensor counts) {
        nearestCenters.run(points, rows, centers, labels, sums, counts);
    }

    @Override
    public void runningMeans(Tensor sums, Tensor counts, Tensor totals, Tensor means) {
        RowOperations.runningMeans(sums, counts, totals, means);
    }
}
