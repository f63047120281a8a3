package org.stegokernels.verify;

import static org.stegokernels.verify.Comparison.TRAINING;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;

/** Weights other than 1, sums that don't start from 0, ties, bounds met exactly, and labels that are ignored. */
final class HardLosses {
    private static final float WEIGHT = 0.37f;

    private HardLosses() {}

    static Map<String, Checks.Body> checks() {
        Map<String, Checks.Body> checks = new LinkedHashMap<>();
        checks.put("correspondence", HardLosses::correspondence);
        checks.put("crossEntropy", HardLosses::crossEntropy);
        checks.put("assignmentLoss", HardLosses::assignmentLoss);
        checks.put("agreementLoss", HardLosses::agreementLoss);
        checks.put("crfLoss", HardLosses::crfLoss);
        checks.put("lossSums", HardLosses::sums);
        return checks;
    }

    /** Compares a loss and a gradient, which has the weight and is added to {@code sum} if that is not null. */
    static Comparison compare(
            TrainingOnDevice.Loss found, int which, double loss, double[] gradient, float weight, float[] sum) {
        double[] weighted = new double[gradient.length];
        for (int i = 0; i < weighted.length; i++) {
            weighted[i] = weight * gradient[i] + (sum == null ? 0 : sum[i]);
        }
        return Comparison.worstOf(
                Comparison.loss(found.loss(), loss, TRAINING),
                Comparison.relative(found.gradients()[which], weighted, TRAINING));
    }

    /** Correlations that are exactly 0 and exactly 0.8, the bounds of the clamp, where the gradient is 1. */
    private static Comparison correspondence(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard correspondence", 0);
        List<Comparison> all = new ArrayList<>();
        float[][] directions = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0.8f, 0.6f, 0}, {-1, 0, 0}, {0, 0, -1}};
        for (int images : new int[] {1, 2}) {
            int points = 19;
            float[] f1 = draw.normal(images * points * 5, 0, 0.4);
            float[] f2 = draw.normal(images * points * 5, 0, 0.4);
            float[] c1 = new float[images * points * 3];
            float[] c2 = new float[images * points * 3];
            for (int p = 0; p < images * points; p++) {
                System.arraycopy(directions[draw.between(0, 5)], 0, c1, 3 * p, 3);
                System.arraycopy(directions[p % 5 % 3], 0, c2, 3 * p, 3);
            }
            for (int kind = 0; kind < 8; kind++) {
                CorrespondenceRule rule = new CorrespondenceRule((kind & 1) > 0, (kind & 2) > 0, (kind & 4) > 0, 0.15f);
                float[] sum1 = draw.normal(c1.length, 0, 0.01);
                float[] sum2 = draw.normal(c2.length, 0, 0.01);
                TrainingOnDevice.Loss found =
                        device.correspondence(f1, f2, c1, c2, images, points, rule, WEIGHT, sum1, sum2);
                double loss = TrainingOracle.correspondence(
                        Comparison.widened(f1),
                        Comparison.widened(f2),
                        Comparison.widened(c1),
                        Comparison.widened(c2),
                        images,
                        points,
                        rule);
                double[][] gradients = GradientOracle.correspondence(f1, f2, c1, c2, images, points, rule);
                all.add(compare(found, 0, loss, gradients[0], WEIGHT, sum1));
                all.add(compare(found, 1, loss, gradients[1], WEIGHT, sum2));
            }
        }
        return HardTraining.worst(all);
    }

    /** Logits that overflow, labels just outside of the classes on either side, all ignored, one class. */
    private static Comparison crossEntropy(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard crossEntropy", 0);
        List<Comparison> all = new ArrayList<>();
        for (int classes : new int[] {1, 5, 27}) {
            int[][] sizes = {{4, 5, 13, 33}, {1, 1, 3, 2}, {6, 7, 6, 7}, {9, 8, 4, 3}};
            for (int[] s : sizes) {
                // The loss of a single class is 0, but for what rounding makes of large logits.
                for (double mean : classes == 1 ? new double[] {0} : new double[] {0, 100, -110}) {
                    float[] logits = draw.normal(2 * s[0] * s[1] * classes, mean, 2);
                    int[] labels = draw.indices(2 * s[2] * s[3], classes + 3);
                    for (int i = 0; i < labels.length; i++) {
                        int over = labels[i] - classes;
                        labels[i] = over < 0 ? labels[i] : over == 0 ? -1 : over == 1 ? 255 : classes;
                    }
                    if (mean == 0) {
                        Arrays.fill(labels, 0, labels.length / 2, -1);
                    }
                    if (mean < 0 && classes == 5) {
                        Arrays.fill(labels, classes);
                    }
                    double[] wide = Comparison.widened(logits);
                    float[] weights = OnDevice.filled(classes, 1);
                    if (mean == 100) {
                        weights = draw.normal(classes, 2, 0.5);
                        weights[0] = 0;
                    }
                    all.add(compare(
                            device.crossEntropy(
                                    logits, labels, mean == 0 ? null : weights, 2, s[0], s[1], s[2], s[3], WEIGHT),
                            0,
                            TrainingOracle.crossEntropy(wide, labels, weights, 2, s[0], s[1], s[2], s[3]),
                            GradientOracle.crossEntropy(wide, labels, weights, 2, s[0], s[1], s[2], s[3]),
                            WEIGHT,
                            null));
                }
            }
        }
        return HardTraining.worst(all);
    }

    /** Rows that tie at each place, hard and soft, and so sharp that the exponential overflows. */
    private static Comparison assignmentLoss(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard assignmentLoss", 0);
        List<Comparison> all = new ArrayList<>();
        for (int clusters : new int[] {1, 3, 8, 17, 40}) {
            float[] cosines = new float[60 * clusters];
            for (int i = 0; i < cosines.length; i++) {
                cosines[i] = draw.between(-2, 2) / 4f;
            }
            for (float alpha : new float[] {0, 1, 30, 500}) {
                double[] scaled = Comparison.widened(cosines);
                double loss = 0;
                for (int row = 0; row < 60; row++) {
                    double[] p = new double[clusters];
                    for (int k = 0; k < clusters; k++) {
                        p[k] = alpha * scaled[row * clusters + k];
                    }
                    p = LatticeOracle.softmax(p, clusters);
                    int first = Oracle.argmax(
                            Arrays.copyOfRange(cosines, row * clusters, (row + 1) * clusters), clusters)[0];
                    for (int k = 0; k < clusters; k++) {
                        loss -= (alpha == 0 ? k == first ? 1 : 0 : p[k]) * scaled[row * clusters + k] / 60;
                    }
                }
                all.add(compare(
                        device.assignmentLoss(cosines, clusters, alpha, WEIGHT),
                        0,
                        loss,
                        GradientOracle.assignment(cosines, clusters, alpha),
                        WEIGHT,
                        null));
            }
        }
        return HardTraining.worst(all);
    }

    /** Means of 300,000 terms that are all alike: what rounding takes of one, a plain sum in floats loses of each. */
    private static Comparison sums(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        int side = 549;
        int terms = side * side;
        float[] term = OnDevice.filled(terms, 1.0007f);
        float[] ones = OnDevice.filled(terms, 1);
        float[] row = OnDevice.filled(side, 1);
        float[] sums = new float[side];
        CorrespondenceRule rule = new CorrespondenceRule(true, false, false, 0.25f);
        TrainingOnDevice.Loss pairs =
                device.correspondence(row, row, row, OnDevice.filled(side, 1.0007f), 1, side, rule, 1, sums, sums);
        float[] logits = new float[8 * 8 * 2];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = i % 2 == 0 ? 0.25f : -0.5f;
        }
        int[] labels = new int[terms];
        TrainingOnDevice.Loss pixels = device.crossEntropy(logits, labels, null, 1, 8, 8, side, side, 1);
        double[] gradient = GradientOracle.crossEntropy(
                Comparison.widened(logits), labels, OnDevice.filled(2, 1), 1, 8, 8, side, side);
        return Comparison.worstOf(
                Comparison.relative(pixels.gradients()[0], gradient, TRAINING),
                Comparison.loss(device.agreementLoss(term, ones, 1, 1).loss(), -term[0], TRAINING),
                Comparison.loss(device.assignmentLoss(term, 1, 0, 1).loss(), -term[0], TRAINING),
                Comparison.loss(pairs.loss(), -0.75 * term[0], TRAINING),
                Comparison.loss(pixels.loss(), Math.log1p(Math.exp(-0.75)), TRAINING));
    }

    private static Comparison agreementLoss(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard agreementLoss", 0);
        List<Comparison> all = new ArrayList<>();
        for (int channels : new int[] {1, 16, 19}) {
            float[] a = draw.normal(37 * channels, 0.2, 1);
            float[] b = draw.normal(37 * channels, 0.2, 1);
            double[] gradient = new double[b.length];
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] = -b[i] / 37.0;
            }
            double loss = TrainingOracle.agreementLoss(Comparison.widened(a), Comparison.widened(b), channels);
            all.add(compare(device.agreementLoss(a, b, channels, WEIGHT), 0, loss, gradient, WEIGHT, null));
        }
        return HardTraining.worst(all);
    }

    /** One point drawn many times, all points of an image, and colours that are the same or far apart. */
    private static Comparison crfLoss(CheckScope scope) {
        TrainingOnDevice device = new TrainingOnDevice(scope);
        Draw draw = new Draw(0, "hard crfLoss", 0);
        List<Comparison> all = new ArrayList<>();
        GuidanceSettings settings = new GuidanceSettings(0.5, 0.15, 0.05, 10, 3, 0.2);
        for (int[] s : new int[][] {{1, 1, 1, 1}, {1, 4, 9, 40}, {5, 7, 19, 35}, {5, 7, 3, 130}}) {
            int[] points = draw.indices(2 * s[3], Math.min(s[0], s[1]));
            for (double spread : new double[] {0, 0.3, 20}) {
                float[] guidance = draw.normal(2 * s[0] * s[1] * 3, 0, spread);
                float[] code = draw.normal(2 * s[0] * s[1] * s[2]);
                all.add(compare(
                        device.crfLoss(guidance, code, 2, s[0], s[1], points, settings, WEIGHT),
                        0,
                        TrainingOracle.crfLoss(
                                Comparison.widened(guidance),
                                Comparison.widened(code),
                                2,
                                s[0],
                                s[1],
                                points,
                                settings),
                        GradientOracle.crfLoss(guidance, code, 2, s[0], s[1], points, settings),
                        WEIGHT,
                        null));
            }
        }
        return HardTraining.worst(all);
    }
}
