package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;

/** Gradients written out against central differences of the losses. */
class GradientOracleTest {
    private final Random random = new Random(11);

    private float[] normal(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static void assertSame(double[] actual, double[] expected) {
        double norm = Math.sqrt(TrainingOracle.dot(expected, floats(expected)));
        for (int i = 0; i < expected.length; i++) {
            assertThat(Math.abs(actual[i] - expected[i])).as("element %d", i).isLessThan(1e-7 * Math.max(norm, 1));
        }
    }

    private static float[] floats(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }

    @Test
    void bilinear() {
        float[] g = normal(2 * 7 * 4 * 3);
        assertSame(
                GradientOracle.bilinear(Comparison.widened(g), 2, 3, 5, 3, 7, 4),
                TrainingOracle.gradient(
                        at -> TrainingOracle.dot(TrainingOracle.bilinear(at, 2, 3, 5, 3, 7, 4), g),
                        new double[2 * 3 * 5 * 3]));
    }

    @Test
    void gridSample() {
        float[] g = normal(2 * 6 * 3);
        float[] coords = normal(2 * 6 * 2);
        coords[0] = 1;
        coords[1] = -1;
        int[] chosen = {1, 1};
        float[] sum = new float[2 * 4 * 5 * 3];
        assertSame(
                GradientOracle.gridSample(g, 4, 5, 3, chosen, coords, sum),
                TrainingOracle.gradient(
                        at -> TrainingOracle.dot(TrainingOracle.gridSample(at, 4, 5, 3, chosen, coords), g),
                        new double[sum.length]));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-6, 100})
    void normalize(double epsilon) {
        float[] x = normal(12);
        float[] g = normal(12);
        assertSame(
                GradientOracle.normalize(x, epsilon, g, 4),
                TrainingOracle.gradient(
                        at -> TrainingOracle.dot(TrainingOracle.normalize(at, 4, epsilon), g), Comparison.widened(x)));
    }

    static Stream<CorrespondenceRule> rules() {
        return Stream.of(
                new CorrespondenceRule(true, true, true, 0.2f),
                new CorrespondenceRule(false, false, true, 0.1f),
                new CorrespondenceRule(true, false, false, 0));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void correspondence(CorrespondenceRule rule) {
        float[] f1 = normal(2 * 4 * 3);
        float[] f2 = normal(2 * 4 * 3);
        float[] c1 = normal(2 * 4 * 2);
        float[] c2 = normal(2 * 4 * 2);
        double[] wide1 = Comparison.widened(f1);
        double[] wide2 = Comparison.widened(f2);
        double[][] gradients = GradientOracle.correspondence(f1, f2, c1, c2, 2, 4, rule);
        assertSame(
                gradients[0],
                TrainingOracle.gradient(
                        at -> TrainingOracle.correspondence(wide1, wide2, at, Comparison.widened(c2), 2, 4, rule),
                        Comparison.widened(c1)));
        assertSame(
                gradients[1],
                TrainingOracle.gradient(
                        at -> TrainingOracle.correspondence(wide1, wide2, Comparison.widened(c1), at, 2, 4, rule),
                        Comparison.widened(c2)));
    }

    @Test
    void crossEntropy() {
        double[] logits = Comparison.widened(normal(2 * 3 * 2 * 4));
        int[] labels = random.ints(2 * 5 * 7, -1, 6).toArray();
        float[] weights = normal(4);
        assertSame(
                GradientOracle.crossEntropy(logits, labels, weights, 2, 3, 2, 5, 7),
                TrainingOracle.gradient(at -> TrainingOracle.crossEntropy(at, labels, weights, 2, 3, 2, 5, 7), logits));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 2})
    void assignment(double alpha) {
        float[] cosines = normal(5 * 4);
        assertSame(
                GradientOracle.assignment(cosines, 4, alpha),
                TrainingOracle.gradient(
                        at -> TrainingOracle.assignmentLoss(at, 4, alpha), Comparison.widened(cosines)));
    }

    @Test
    void crfLoss() {
        float[] guidance = normal(2 * 3 * 4 * 2);
        float[] code = normal(2 * 3 * 4 * 3);
        int[] points = {0, 1, 2, 1, 3, 0, 2, 3};
        GuidanceSettings settings = new GuidanceSettings(2, 0.5, 1, 10, 3, 0.3);
        assertSame(
                GradientOracle.crfLoss(guidance, code, 2, 3, 4, points, settings),
                TrainingOracle.gradient(
                        at -> TrainingOracle.crfLoss(Comparison.widened(guidance), at, 2, 3, 4, points, settings),
                        Comparison.widened(code)));
    }
}
