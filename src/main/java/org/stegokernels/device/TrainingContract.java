package org.stegokernels.device;

import static org.stegokernels.device.Contract.rank;
import static org.stegokernels.device.Contract.require;

import java.util.Arrays;
import java.util.Objects;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** The shape rules of {@link TrainingKernels}, as {@link Contract} holds those of {@link Kernels}. */
final class TrainingContract {
    private static final Shape SCALAR = Shape.of(1);

    private TrainingContract() {}

    /** Returns whether all that are not null are floats. */
    private static boolean floats(Tensor... tensors) {
        return Arrays.stream(tensors)
                .filter(Objects::nonNull)
                .allMatch(tensor ->
                        tensor.type() == ElementType.F32 && tensor.shape().rank() >= 1);
    }

    private static boolean ints(Tensor... tensors) {
        return Arrays.stream(tensors).allMatch(tensor -> tensor.type() == ElementType.I32);
    }

    private static boolean same(Tensor first, Tensor... others) {
        return Arrays.stream(others)
                .filter(Objects::nonNull)
                .allMatch(tensor -> tensor.shape().equals(first.shape()));
    }

    private static boolean is(Tensor tensor, int... dims) {
        return tensor == null || tensor.shape().equals(Shape.of(dims));
    }

    private static boolean loss(Tensor loss) {
        return loss.type() == ElementType.F32 && loss.shape().equals(SCALAR);
    }

    private static int last(Tensor tensor) {
        return tensor.shape().dim(-1);
    }

    static void linear(Tensor x, Tensor weight, Tensor bias, Tensor residual, Tensor out) {
        boolean fits = floats(x, weight, bias, residual, out)
                && rank(2, weight)
                && weight.shape().size() > 0
                && last(x) == last(weight)
                && last(out) == weight.shape().dim(0)
                && x.shape().rows() == out.shape().rows()
                && is(bias, weight.shape().dim(0))
                && same(out, residual);
        require(fits, "linear", x, weight, bias, residual, out);
    }

    static void linearGradient(
            Tensor x, Tensor weight, Tensor gradOut, Tensor gradX, Tensor gradWeight, Tensor gradBias) {
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
    }

    private static boolean rowsOf(Tensor x, Tensor gradOut, int channels) {
        return x == null
                || last(x) == channels && x.shape().rows() == gradOut.shape().rows();
    }

    static void fill(Tensor out) {
        require(floats(out), "fill", out);
    }

    static void addScaled(Tensor x, Tensor sum) {
        require(floats(x, sum) && same(x, sum), "addScaled", x, sum);
    }

    static void reluGradient(Tensor y, Tensor gradOut, Tensor gradX) {
        require(floats(y, gradOut, gradX) && same(y, gradOut, gradX), "reluGradient", y, gradOut, gradX);
    }

    static void scaleChannels(Tensor x, Tensor factors, Tensor out) {
        boolean fits = floats(x, factors, out)
                && x.shape().rank() >= 2
                && is(factors, x.shape().dim(0), last(x))
                && same(x, out);
        require(fits, "scaleChannels", x, factors, out);
    }

    static void normalizeGradient(Tensor x, Tensor gradOut, Tensor gradX) {
        require(floats(x, gradOut, gradX) && same(x, gradOut, gradX), "normalizeGradient", x, gradOut, gradX);
    }

    static void bilinearGradient(Tensor gradOut, Tensor gradX) {
        boolean fits = floats(gradOut, gradX)
                && rank(4, gradOut, gradX)
                && gradOut.shape().dim(0) == gradX.shape().dim(0)
                && last(gradOut) == last(gradX)
                && (gradX.shape().size() > 0 || gradOut.shape().size() == 0);
        require(fits, "bilinearGradient", gradOut, gradX);
    }

    static void gridSample(String operation, Tensor x, Tensor images, Tensor coords, Tensor out) {
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

    static void correspondence(
            Tensor features1,
            Tensor features2,
            Tensor code1,
            Tensor code2,
            Tensor gradCode1,
            Tensor gradCode2,
            Tensor loss) {
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
    }

    static void crossEntropy(Tensor logits, Tensor labels, Tensor gradLogits, Tensor loss) {
        boolean fits = floats(logits, gradLogits)
                && ints(labels)
                && rank(4, logits)
                && rank(3, labels)
                && logits.shape().dim(0) == labels.shape().dim(0)
                && (logits.shape().size() > 0 || labels.shape().size() == 0)
                && same(logits, gradLogits)
                && loss(loss);
        require(fits, "crossEntropy", logits, labels, gradLogits, loss);
    }

    static void assignmentLoss(Tensor cosines, Tensor gradCosines, Tensor loss) {
        boolean fits =
                floats(cosines, gradCosines) && cosines.shape().size() > 0 && same(cosines, gradCosines) && loss(loss);
        require(fits, "assignmentLoss", cosines, gradCosines, loss);
    }

    static void agreementLoss(Tensor a, Tensor b, Tensor gradA, Tensor loss) {
        boolean fits = floats(a, b, gradA) && a.shape().size() > 0 && same(a, b, gradA) && loss(loss);
        require(fits, "agreementLoss", a, b, gradA, loss);
    }

    static void crfLoss(Tensor guidance, Tensor code, Tensor points, Tensor gradCode, Tensor loss) {
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
    }

    static void adam(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, int step) {
        boolean fits = floats(parameter, gradient, mean, square) && same(parameter, gradient, mean, square) && step > 0;
        require(fits, "adam at step " + step, parameter, gradient, mean, square);
    }

    static void topK(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
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
    }

    static void nearestCenters(Tensor points, Tensor rows, Tensor centers, Tensor labels, Tensor sums, Tensor counts) {
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
    }

    static void runningMeans(Tensor sums, Tensor counts, Tensor totals, Tensor means) {
        boolean fits = floats(sums, means)
                && ints(counts, totals)
                && rank(2, sums)
                && same(sums, means)
                && is(counts, sums.shape().dim(0))
                && same(counts, totals);
        require(fits, "runningMeans", sums, counts, totals, means);
    }
}
