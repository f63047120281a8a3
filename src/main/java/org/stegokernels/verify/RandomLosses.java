package org.stegokernels.verify;

import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.verify.RandomChecks.Trial;

/** Losses with their gradients, against central differences. Sizes are small, because a difference costs two losses. */
final class RandomLosses {
    private RandomLosses() {}

    static Map<String, Trial> trials() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        trials.put("correspondence", RandomLosses::correspondence);
        trials.put("crossEntropy", RandomLosses::crossEntropy);
        trials.put("assignmentLoss", RandomLosses::assignmentLoss);
        trials.put("agreementLoss", RandomLosses::agreementLoss);
        trials.put("crfLoss", RandomLosses::crfLoss);
        return trials;
    }

    private static Comparison correspondence(CheckScope scope, Draw draw) {
        int images = draw.between(1, 3);
        int points = draw.size(18);
        int features = draw.size(40);
        int channels = draw.size(12);
        CorrespondenceRule rule =
                new CorrespondenceRule(draw.coin(), draw.coin(), draw.coin(), (float) draw.between(0.0, 0.5));
        boolean self = draw.coin();
        draw.note(
                "images %d, points %d, channels %d and %d, %s, with itself %b",
                images, points, features, channels, rule, self);
        float[] f1 = unit(draw, images * points, features);
        float[] f2 = self ? f1 : unit(draw, images * points, features);
        float[] c1;
        float[] c2;
        do {
            c1 = unit(draw, images * points, channels);
            c2 = self ? c1 : unit(draw, images * points, channels);
        } while (atABound(TrainingOracle.products(c1, c2, channels), rule));
        Tensor features1 = scope.input(f1, images, points, features);
        Tensor code1 = scope.input(c1, images, points, channels);
        Tensor features2 = self ? features1 : scope.input(f2, images, points, features);
        Tensor code2 = self ? code1 : scope.input(c2, images, points, channels);
        Tensor grad1 = scope.inOut(new float[c1.length], images, points, channels);
        Tensor grad2 = self ? grad1 : scope.inOut(new float[c2.length], images, points, channels);
        Tensor loss = scope.output(1);
        scope.training().correspondence(features1, features2, code1, code2, rule, 1, grad1, grad2, loss);

        double[] wideF1 = Comparison.widened(f1);
        double[] wideF2 = Comparison.widened(f2);
        double[] wide1 = Comparison.widened(c1);
        double[] wide2 = Comparison.widened(c2);
        Comparison forward =
                loss(scope, loss, TrainingOracle.correspondence(wideF1, wideF2, wide1, wide2, images, points, rule));
        double[] expected1 = TrainingOracle.gradient(
                at -> TrainingOracle.correspondence(wideF1, wideF2, at, self ? at : wide2, images, points, rule),
                wide1);
        double[] expected2 = self
                ? expected1
                : TrainingOracle.gradient(
                        at -> TrainingOracle.correspondence(wideF1, wideF2, wide1, at, images, points, rule), wide2);
        return Comparison.worstOf(forward, gradient(scope, grad1, expected1), gradient(scope, grad2, expected2));
    }

    private static Comparison crossEntropy(CheckScope scope, Draw draw) {
        int batch = draw.between(1, 2);
        int height = draw.size(5);
        int width = draw.size(6);
        int classes = draw.size(9);
        int outHeight = draw.size(20);
        int outWidth = draw.size(40);
        boolean weighted = draw.coin();
        draw.note(
                "logits [%d, %d, %d, %d], labels %d x %d, weights %s",
                batch, height, width, classes, outHeight, outWidth, weighted ? "of classes" : "none");
        float[] logits = draw.normal(batch * height * width * classes, 0, 2);
        float[] classWeights = new float[classes];
        for (int c = 0; c < classes; c++) {
            classWeights[c] = weighted ? (float) draw.between(0.0, 2.0) : 1;
        }
        int[] labels = draw.indices(batch * outHeight * outWidth, classes + 2);
        for (int i = 0; i < labels.length; i++) {
            labels[i] = labels[i] == classes + 1 ? -1 : labels[i];
        }
        Tensor gradient = scope.output(batch, height, width, classes);
        Tensor loss = scope.output(1);
        scope.training()
                .crossEntropy(
                        scope.input(logits, batch, height, width, classes),
                        scope.input(labels, batch, outHeight, outWidth),
                        weighted ? scope.input(classWeights, classes) : null,
                        1,
                        gradient,
                        loss);
        double[] wide = Comparison.widened(logits);
        return Comparison.worstOf(
                loss(
                        scope,
                        loss,
                        TrainingOracle.crossEntropy(
                                wide, labels, classWeights, batch, height, width, outHeight, outWidth)),
                gradient(
                        scope,
                        gradient,
                        TrainingOracle.gradient(
                                at -> TrainingOracle.crossEntropy(
                                        at, labels, classWeights, batch, height, width, outHeight, outWidth),
                                wide)));
    }

    private static Comparison assignmentLoss(CheckScope scope, Draw draw) {
        int rows = draw.size(60);
        int clusters = draw.size(20);
        float alpha = draw.coin() ? 0 : (float) draw.between(0.5, 4.0);
        draw.note("cosines [%d, %d], alpha %s", rows, clusters, alpha);
        float[] cosines = draw.normal(rows * clusters, 0, 0.4);
        int[] largest = Oracle.argmax(cosines, clusters);
        for (int row = 0; row < rows; row++) {
            cosines[row * clusters + largest[row]] += 100 * TrainingOracle.STEP;
        }
        Tensor gradient = scope.output(rows, clusters);
        Tensor loss = scope.output(1);
        scope.training().assignmentLoss(scope.input(cosines, rows, clusters), alpha, 1, gradient, loss);
        double[] wide = Comparison.widened(cosines);
        return Comparison.worstOf(
                loss(scope, loss, TrainingOracle.assignmentLoss(wide, clusters, alpha)),
                gradient(
                        scope,
                        gradient,
                        TrainingOracle.gradient(at -> TrainingOracle.assignmentLoss(at, clusters, alpha), wide)));
    }

    private static Comparison agreementLoss(CheckScope scope, Draw draw) {
        int rows = draw.size(60);
        int channels = draw.size(70);
        draw.note("a [%d, %d]", rows, channels);
        float[] a = unit(draw, rows, channels);
        float[] b = unit(draw, rows, channels);
        Tensor gradient = scope.output(rows, channels);
        Tensor loss = scope.output(1);
        scope.training()
                .agreementLoss(scope.input(a, rows, channels), scope.input(b, rows, channels), 1, gradient, loss);
        double[] wide = Comparison.widened(b);
        return Comparison.worstOf(
                loss(scope, loss, TrainingOracle.agreementLoss(Comparison.widened(a), wide, channels)),
                gradient(
                        scope,
                        gradient,
                        TrainingOracle.gradient(
                                at -> TrainingOracle.agreementLoss(at, wide, channels), Comparison.widened(a))));
    }

    private static Comparison crfLoss(CheckScope scope, Draw draw) {
        int batch = draw.between(1, 2);
        int height = draw.size(6);
        int width = draw.size(6);
        int colours = draw.between(1, 3);
        int channels = draw.size(8);
        int points = draw.size(40);
        GuidanceSettings settings = new GuidanceSettings(
                draw.between(0.5, 5.0), draw.between(0.1, 1.0), draw.between(0.05, 2.0), 10, 3, draw.between(0.0, 0.5));
        draw.note(
                "code [%d, %d, %d, %d], colours %d, points %d, %s",
                batch, height, width, channels, colours, points, settings);
        float[] guidance = draw.normal(batch * height * width * colours, 0, 0.5);
        float[] code = draw.normal(batch * height * width * channels);
        int[] chosen = new int[2 * points];
        System.arraycopy(draw.indices(points, height), 0, chosen, 0, points);
        System.arraycopy(draw.indices(points, width), 0, chosen, points, points);
        Tensor gradient = scope.output(batch, height, width, channels);
        Tensor loss = scope.output(1);
        scope.training()
                .crfLoss(
                        scope.input(guidance, batch, height, width, colours),
                        scope.input(code, batch, height, width, channels),
                        scope.input(chosen, 2, points),
                        settings,
                        1,
                        gradient,
                        loss);
        double[] wideGuidance = Comparison.widened(guidance);
        double[] wide = Comparison.widened(code);
        return Comparison.worstOf(
                loss(scope, loss, TrainingOracle.crfLoss(wideGuidance, wide, batch, height, width, chosen, settings)),
                gradient(
                        scope,
                        gradient,
                        TrainingOracle.gradient(
                                at -> TrainingOracle.crfLoss(wideGuidance, at, batch, height, width, chosen, settings),
                                wide)));
    }

    /**
     * Returns whether a correlation is so close to a bound that a difference has another slope on either side.
     */
    private static boolean atABound(double[] correlations, CorrespondenceRule rule) {
        for (double c : correlations) {
            if (Math.min(Math.abs(c - rule.lowest()), Math.abs(c - rule.highest())) < 10 * TrainingOracle.STEP) {
                return true;
            }
        }
        return false;
    }

    private static float[] unit(Draw draw, int rows, int channels) {
        double[] unit =
                TrainingOracle.normalize(Comparison.widened(draw.normal(rows * channels)), channels, Float.MIN_NORMAL);
        float[] out = new float[unit.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) unit[i];
        }
        return out;
    }

    private static Comparison loss(CheckScope scope, Tensor actual, double expected) {
        return Comparison.loss(scope.device().floats(actual)[0], expected, Comparison.FORWARD);
    }

    private static Comparison gradient(CheckScope scope, Tensor actual, double[] expected) {
        return Comparison.relative(scope.device().floats(actual), expected, Comparison.TRAINING);
    }
}
