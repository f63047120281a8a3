package org.stegokernels.device.tornado;

import org.stegokernels.device.Activation;
import org.stegokernels.device.AdamRates;
import org.stegokernels.device.AdamSettings;
import org.stegokernels.device.CorrespondenceRule;
import org.stegokernels.device.GuidanceSettings;
import org.stegokernels.device.KernelTime;
import org.stegokernels.device.TrainingContract;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.Tensor;

/** The training operations of a TornadoVM device: checks the shapes, then runs the kernels of the operation's name. */
final class TornadoTrainingKernels implements TrainingKernels {
    private static final int NO_KEY = -1;

    private final TornadoContext context;
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

    TornadoTrainingKernels(TornadoContext context) {
        this.context = context;
        this.sums = new Sums(context);
        Product product = new Product(context);
        IndexCheck check = new IndexCheck(context);
        Linear layer = new Linear(context);
        this.linear = new TrainedLinear(context, layer, product, sums);
        this.bilinearGradient = new BilinearGradient(context);
        this.gridSample = new GridSample(context, check);
        this.correspondence = new Correspondence(context, sums, product);
        this.crossEntropy = new CrossEntropy(context, sums);
        this.assignmentLoss = new AssignmentLoss(context, sums);
        this.crfLoss = new CrfLoss(context, sums, check, product);
        this.nearestCenters = new NearestCenters(context, check, layer, new ClusterSums(context, sums, check));
        this.products = Workspace.floats(context, "products of rows");
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
        context.fill(TornadoBuffer.start(out), out.shape().size(), value);
    }

    @Override
    public void addScaled(Tensor x, float factor, Tensor sum) {
        TrainingContract.addScaled(x, sum);
        int size = x.shape().size();
        context.call(Kernel.ADD_SCALED)
                .with(x)
                .with(size)
                .with(factor)
                .with(sum)
                .does(2.0 * size, 1.5 * KernelTime.bytes(x, sum))
                .items(size);
    }

    @Override
    public void reluGradient(Tensor y, Tensor gradOut, Tensor gradX) {
        TrainingContract.reluGradient(y, gradOut, gradX);
        int size = y.shape().size();
        context.call(Kernel.RELU_GRADIENT)
                .with(y)
                .with(gradOut)
                .with(size)
                .with(gradX)
                .does(0, KernelTime.bytes(y, gradOut, gradX))
                .items(size);
    }

    @Override
    public void scaleChannels(Tensor x, Tensor factors, Tensor out) {
        TrainingContract.scaleChannels(x, factors, out);
        int count = x.shape().rows();
        context.call(Kernel.SCALE_CHANNELS)
                .with(x)
                .with(factors)
                .with(count)
                .with(x.shape().dim(-1))
                .with(Math.max(1, count / Math.max(1, x.shape().dim(0))))
                .with(out)
                .does(0, KernelTime.bytes(x, out))
                .rows(count);
    }

    @Override
    public void normalizeGradient(Tensor x, float epsilon, Tensor gradOut, Tensor gradX) {
        TrainingContract.normalizeGradient(x, gradOut, gradX);
        context.call(Kernel.NORMALIZE_GRADIENT)
                .with(x)
                .with(gradOut)
                .with(x.shape().rows())
                .with(x.shape().dim(-1))
                .with(epsilon)
                .with(gradX)
                .does(0, KernelTime.bytes(x, gradOut, gradX))
                .rows(x.shape().rows());
    }

    @Override
    public void bilinearGradient(Tensor gradOut, Tensor gradX) {
        TrainingContract.bilinearGradient(gradOut, gradX);
        TornadoKernels.requireCountable("bilinearGradient", gradX.shape(), gradOut.shape());
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
        TornadoKernels.requireCountable("crossEntropy", logits.shape(), labels.shape());
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
        int rowProducts = products.take(count);
        context.call(Kernel.AGREEMENT_LOSS)
                .with(a)
                .with(b)
                .with(count)
                .with(a.shape().dim(-1))
                .with(-weight / count)
                .with(gradA)
                .with(rowProducts)
                .does(0, KernelTime.bytes(a, b, gradA))
                .rows(count);
        sums.sum(rowProducts, count, -1.0 / count, TornadoBuffer.start(loss));
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
        context.call(Kernel.ADAM)
                .with(parameter)
                .with(gradient)
                .with(mean)
                .with(square)
                .with(size)
                .with(rates.keepMean())
                .with(rates.newMean())
                .with(rates.keepSquare())
                .with(rates.newSquare())
                .with(rates.spread())
                .with(rates.epsilon())
                .with(rates.step())
                .does(12.0 * size, 7.0 * KernelTime.bytes(gradient))
                .items(size);
    }

    @Override
    public void topK(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
        TrainingContract.topK(queries, keys, similarities, indices);
        int rows = queries.shape().dim(0);
        int depth = queries.shape().dim(1);
        int count = keys.shape().dim(0);
        context.fill(TornadoBuffer.start(similarities), similarities.shape().size(), Float.NEGATIVE_INFINITY);
        context.fill(TornadoBuffer.start(indices), indices.shape().size(), NO_KEY);
        int tile = org.stegokernels.tornado.Linear.TILE;
        context.call(Kernel.TOP_K)
                .with(queries)
                .with(keys)
                .with(rows)
                .with(depth)
                .with(count)
                .with(similarities.shape().dim(1))
                .with(similarities)
                .with(indices)
                .does(2.0 * rows * count * depth, ((double) rows + count) * depth * Float.BYTES)
                .groups(1, (rows + tile - 1) / tile);
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
        context.call(Kernel.ADD_COUNTS).with(counts).with(clusters).with(totals).items(clusters);
        context.call(Kernel.RUNNING_MEANS)
                .with(sums)
                .with(counts)
                .with(totals)
                .with(clusters)
                .with(sums.shape().dim(1))
                .with(means)
                .rows(clusters);
    }
}
