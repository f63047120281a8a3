package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.device.Activation;
import org.stegokernels.device.AdamRates;
import org.stegokernels.device.AdamSettings;
import org.stegokernels.device.CorrespondenceRule;
import org.stegokernels.device.GuidanceSettings;
import org.stegokernels.device.KernelTime;
import org.stegokernels.device.TrainingContract;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.Tensor;

/** The training operations of an OpenCL device: checks the shapes, then enqueues the kernels of the operation's name. */
final class OpenClTrainingKernels implements TrainingKernels {
    private final OpenClContext context;
    private final RowKernels rows;
    private final TrainedLinear linear;
    private final BilinearGradient bilinearGradient;
    private final GridSample gridSample;
    private final Correspondence correspondence;
    private final CrossEntropy crossEntropy;
    private final AssignmentLoss assignmentLoss;
    private final CrfLoss crfLoss;
    private final TopK topK;
    private final NearestCenters nearestCenters;
    private final Workspace products;

    OpenClTrainingKernels(OpenClContext context, RowKernels rows) {
        this.context = context;
        this.rows = rows;
        Product product = new Product(context, context.tuning());
        IndexCheck check = new IndexCheck(context, rows);
        this.linear = new TrainedLinear(context, rows, product);
        this.bilinearGradient = new BilinearGradient(context, rows);
        this.gridSample = new GridSample(rows, check);
        this.correspondence = new Correspondence(context, rows, product);
        this.crossEntropy = new CrossEntropy(context, rows);
        this.assignmentLoss = new AssignmentLoss(context, rows);
        this.crfLoss = new CrfLoss(context, rows, check, product);
        this.topK = new TopK(context);
        this.nearestCenters = new NearestCenters(context, rows, check, linear);
        this.products = new Workspace(context, "products of rows");
    }

    @Override
    public void linear(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor residual, Tensor out) {
        TrainingContract.linear(x, weight, bias, residual, out);
        linear.forward(x, weight, bias, activation, residual, out);
    }

    @Override
    public void linearGradient(
            Tensor x, Tensor weight, Tensor gradOut, Tensor gradX, Tensor gradWeight, Tensor gradBias) {
        TrainingContract.linearGradient(x, weight, gradOut, gradX, gradWeight, gradBias);
        linear.gradient(x, weight, gradOut, gradX, gradWeight, gradBias);
    }

    @Override
    public void fill(Tensor out, float value) {
        TrainingContract.fill(out);
        context.fill(
                OpenClBuffer.memory(out),
                Float.floatToRawIntBits(value),
                0,
                out.shape().size());
    }

    @Override
    public void addScaled(Tensor x, float factor, Tensor sum) {
        TrainingContract.addScaled(x, sum);
        int size = x.shape().size();
        KernelCall call = rows.elements(rows.call("add_scaled", "add_scaled").with(x), size)
                .with(factor)
                .with(sum)
                .does(2.0 * size, 1.5 * KernelTime.bytes(x, sum));
        rows.runElements(call, size);
    }

    @Override
    public void reluGradient(Tensor y, Tensor gradOut, Tensor gradX) {
        TrainingContract.reluGradient(y, gradOut, gradX);
        int size = y.shape().size();
        KernelCall call = rows.elements(
                        rows.call("relu_gradient", "relu_gradient").with(y).with(gradOut), size)
                .with(gradX)
                .does(0, KernelTime.bytes(y, gradOut, gradX));
        rows.runElements(call, size);
    }

    @Override
    public void scaleChannels(Tensor x, Tensor factors, Tensor out) {
        TrainingContract.scaleChannels(x, factors, out);
        int count = x.shape().rows();
        KernelCall call = rows.call("scale_channels", "scale_channels")
                .with(x)
                .with(factors)
                .with(count)
                .with(x.shape().dim(-1))
                .with(Math.max(1, count / Math.max(1, x.shape().dim(0))))
                .with(out)
                .does(0, KernelTime.bytes(x, out));
        rows.run(call, count);
    }

    @Override
    public void normalizeGradient(Tensor x, float epsilon, Tensor gradOut, Tensor gradX) {
        TrainingContract.normalizeGradient(x, gradOut, gradX);
        KernelCall call = rows.call("normalize_gradient", "normalize_gradient")
                .with(x)
                .with(gradOut)
                .with(x.shape().rows())
                .with(x.shape().dim(-1))
                .with(epsilon)
                .with(gradX)
                .does(0, KernelTime.bytes(x, gradOut, gradX));
        rows.run(call, x.shape().rows());
    }

    @Override
    public void bilinearGradient(Tensor gradOut, Tensor gradX) {
        TrainingContract.bilinearGradient(gradOut, gradX);
        bilinearGradient.run(gradOut, gradX);
    }

    @Override
    public void gridSample(Tensor x, Tensor images, Tensor coords, Tensor out) {
        TrainingContract.gridSample("gridSample", x, images, coords, out);
        gridSample.run(x, images, coords, out);
    }

    @Override
    public void gridSampleGradient(Tensor gradOut, Tensor images, Tensor coords, Tensor gradX) {
        TrainingContract.gridSample("gridSampleGradient", gradX, images, coords, gradOut);
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
        TrainingContract.correspondence(features1, features2, code1, code2, gradCode1, gradCode2, loss);
        correspondence.run(features1, features2, code1, code2, rule, weight, gradCode1, gradCode2, loss);
    }

    @Override
    public void crossEntropy(Tensor logits, Tensor labels, float weight, Tensor gradLogits, Tensor loss) {
        TrainingContract.crossEntropy(logits, labels, gradLogits, loss);
        crossEntropy.run(logits, labels, weight, gradLogits, loss);
    }

    @Override
    public void assignmentLoss(Tensor cosines, float alpha, float weight, Tensor gradCosines, Tensor loss) {
        TrainingContract.assignmentLoss(cosines, gradCosines, loss);
        assignmentLoss.run(cosines, alpha, weight, gradCosines, loss);
    }

    @Override
    public void agreementLoss(Tensor a, Tensor b, float weight, Tensor gradA, Tensor loss) {
        TrainingContract.agreementLoss(a, b, gradA, loss);
        int count = a.shape().rows();
        cl_mem rowProducts = products.floats(count);
        KernelCall call = rows.call("agreement_loss", "agreement_loss")
                .with(a)
                .with(b)
                .with(count)
                .with(a.shape().dim(-1))
                .with(-weight / count)
                .with(gradA)
                .with(rowProducts)
                .does(0, KernelTime.bytes(a, b, gradA));
        rows.run(call, count);
        rows.sum(rowProducts, count, -1.0 / count, OpenClBuffer.memory(loss));
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
        TrainingContract.crfLoss(guidance, code, points, gradCode, loss);
        crfLoss.run(guidance, code, points, settings, weight, gradCode, loss);
    }

    @Override
    public void adam(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamSettings settings, int step) {
        TrainingContract.adam(parameter, gradient, mean, square, step);
        int size = parameter.shape().size();
        AdamRates rates = settings.at(step);
        KernelCall call = rows.elements(
                        rows.call("adam", "adam")
                                .with(parameter)
                                .with(gradient)
                                .with(mean)
                                .with(square),
                        size)
                .with(rates.keepMean())
                .with(rates.newMean())
                .with(rates.keepSquare())
                .with(rates.newSquare())
                .with(rates.spread())
                .with(rates.epsilon())
                .with(rates.step())
                .does(12.0 * size, 7.0 * KernelTime.bytes(gradient));
        rows.runElements(call, size);
    }

    @Override
    public void topK(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
        TrainingContract.topK(queries, keys, similarities, indices);
        topK.run(queries, keys, similarities, indices);
    }

    @Override
    public void nearestCenters(Tensor points, Tensor rows, Tensor centers, Tensor labels, Tensor sums, Tensor counts) {
        TrainingContract.nearestCenters(points, rows, centers, labels, sums, counts);
        nearestCenters.run(points, rows, centers, labels, sums, counts);
    }

    @Override
    public void runningMeans(Tensor sums, Tensor counts, Tensor totals, Tensor means) {
        TrainingContract.runningMeans(sums, counts, totals, means);
        int clusters = sums.shape().dim(0);
        rows.call("running_means", "add_counts")
                .with(counts)
                .with(clusters)
                .with(totals)
                .run(clusters);
        KernelCall call = rows.call("running_means", "running_means")
                .with(sums)
                .with(counts)
                .with(totals)
                .with(clusters)
                .with(sums.shape().dim(1))
                .with(means);
        rows.run(call, clusters);
    }
}
