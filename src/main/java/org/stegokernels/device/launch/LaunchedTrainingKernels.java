package org.stegokernels.device.launch;

import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.AdamRates;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.tensor.Tensor;

/** The training operations of a device that launches kernels: each starts the kernels of the operation's name. */
public final class LaunchedTrainingKernels implements TrainingKernels {
    private static final int NO_KEY = -1;

    private final Launcher launcher;
    private final OwnOperations own;
    private final Sums sums;
    private final TrainedLinear linear;
    private final BilinearGradient bilinearGradient;
    private final GridSample gridSample;
    private final Correspondence correspondence;
    private final CrossEntropy crossEntropy;
    private final AssignmentLoss assignmentLoss;
    private final CrfLoss crfLoss;
    private final NearestCenters nearestCenters;
    private final Workspace products;

    public LaunchedTrainingKernels(Launcher launcher, OwnOperations own) {
        this.launcher = launcher;
        this.own = own;
        this.sums = new Sums(launcher);
        IndexCheck check = new IndexCheck(launcher);
        this.linear = new TrainedLinear(launcher, sums, own.linear(), own.product());
        this.bilinearGradient = new BilinearGradient(launcher);
        this.gridSample = new GridSample(launcher, check);
        this.correspondence = new Correspondence(launcher, sums, own.product());
        this.crossEntropy = new CrossEntropy(launcher, sums);
        this.assignmentLoss = new AssignmentLoss(launcher, sums);
        this.crfLoss = new CrfLoss(launcher, sums, check, own.product());
        this.nearestCenters = new NearestCenters(launcher, check, own.linear(), new ClusterSums(launcher, sums, check));
        this.products = Workspace.floats(launcher, "products of rows");
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
        launcher.fill(launcher.memory(out), out.shape().size(), value);
    }

    @Override
    public void addScaled(Tensor x, float factor, Tensor sum) {
        int size = x.shape().size();
        launcher.launch("add_scaled", "add_scaled")
                .with(x)
                .withElements(size)
                .with(factor)
                .with(sum)
                .does(2.0 * size, 1.5 * KernelTime.bytes(x, sum))
                .overElements(size);
    }

    @Override
    public void reluGradient(Tensor y, Tensor gradOut, Tensor gradX) {
        int size = y.shape().size();
        launcher.launch("relu_gradient", "relu_gradient")
                .with(y)
                .with(gradOut)
                .withElements(size)
                .with(gradX)
                .does(0, KernelTime.bytes(y, gradOut, gradX))
                .overElements(size);
    }

    @Override
    public void scaleChannels(Tensor x, Tensor factors, Tensor out) {
        int count = x.shape().rows();
        launcher.launch("scale_channels", "scale_channels")
                .with(x)
                .with(factors)
                .with(count)
                .with(x.shape().dim(-1))
                .with(Math.max(1, count / Math.max(1, x.shape().dim(0))))
                .with(out)
                .does(0, KernelTime.bytes(x, out))
                .overRows(count);
    }

    @Override
    public void normalizeGradient(Tensor x, float epsilon, Tensor gradOut, Tensor gradX) {
        launcher.launch("normalize_gradient", "normalize_gradient")
                .with(x)
                .with(gradOut)
                .with(x.shape().rows())
                .with(x.shape().dim(-1))
                .with(epsilon)
                .with(gradX)
                .does(0, KernelTime.bytes(x, gradOut, gradX))
                .overRows(x.shape().rows());
    }

    @Override
    public void softmaxGradient(Tensor y, float scale, Tensor gradOut, Tensor gradX) {
        launcher.launch("softmax_gradient", "softmax_gradient")
                .with(y)
                .with(gradOut)
                .with(y.shape().rows())
                .with(y.shape().dim(-1))
                .with(scale)
                .with(gradX)
                .does(0, KernelTime.bytes(y, gradOut, gradX))
                .overRows(y.shape().rows());
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
        correspondence.run(features1, features2, code1, code2, rule, weight, gradCode1, gradCode2, loss);
    }

    @Override
    public void crossEntropy(
            Tensor logits, Tensor labels, Tensor classWeights, float weight, Tensor gradLogits, Tensor loss) {
        crossEntropy.run(logits, labels, classWeights, weight, gradLogits, loss);
    }

    @Override
    public void assignmentLoss(Tensor cosines, float alpha, float weight, Tensor gradCosines, Tensor loss) {
        assignmentLoss.run(cosines, alpha, weight, gradCosines, loss);
    }

    @Override
    public void agreementLoss(Tensor a, Tensor b, float weight, Tensor gradA, Tensor loss) {
        int count = a.shape().rows();
        Memory rowProducts = products.take(count);
        launcher.launch("agreement_loss", "agreement_loss")
                .with(a)
                .with(b)
                .with(count)
                .with(a.shape().dim(-1))
                .with(-weight / count)
                .with(gradA)
                .with(rowProducts)
                .does(0, KernelTime.bytes(a, b, gradA))
                .overRows(count);
        sums.sum(rowProducts, count, -1.0 / count, launcher.memory(loss));
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
        crfLoss.run(guidance, code, points, settings, weight, gradCode, loss);
    }

    @Override
    public void adam(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamSettings settings, int step) {
        int size = parameter.shape().size();
        AdamRates rates = settings.at(step);
        launcher.launch("adam", "adam")
                .with(parameter)
                .with(gradient)
                .with(mean)
                .with(square)
                .withElements(size)
                .with(rates.keepMean())
                .with(rates.newMean())
                .with(rates.keepSquare())
                .with(rates.newSquare())
                .with(rates.spread())
                .with(rates.epsilon())
                .with(rates.step())
                .does(12.0 * size, 7.0 * KernelTime.bytes(gradient))
                .overElements(size);
    }

    @Override
    public void topK(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
        int size = similarities.shape().size();
        launcher.fill(launcher.memory(similarities), size, Float.NEGATIVE_INFINITY);
        launcher.fill(launcher.memory(indices), size, NO_KEY);
        own.topK().run(queries, keys, similarities, indices);
    }

    @Override
    public void nearestCenters(Tensor points, Tensor rows, Tensor centers, Tensor labels, Tensor sums, Tensor counts) {
        nearestCenters.run(points, rows, centers, labels, sums, counts);
    }

    @Override
    public void runningMeans(Tensor sums, Tensor counts, Tensor totals, Tensor means) {
        int clusters = sums.shape().dim(0);
        launcher.launch("running_means", "add_counts")
                .with(counts)
                .with(clusters)
                .with(totals)
                .overItems(clusters);
        launcher.launch("running_means", "running_means")
                .with(sums)
                .with(counts)
                .with(totals)
                .with(clusters)
                .with(sums.shape().dim(1))
                .with(means)
                .overRows(clusters);
    }
}
