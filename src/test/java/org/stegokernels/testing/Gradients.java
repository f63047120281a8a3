package org.stegokernels.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** Comparisons of gradients and losses with double-precision loops. */
public final class Gradients {
    private Gradients() {}

    public static void assertGradient(String what, float[] actual, double[] expected) {
        Comparison comparison = Comparison.relative(actual, expected, Comparison.BACKWARD);
        assertThat(comparison.passed()).as(what + ": " + comparison).isTrue();
    }

    public static void assertForward(String what, float[] actual, double[] expected) {
        Comparison comparison = Comparison.relative(actual, expected, Comparison.FORWARD);
        assertThat(comparison.passed()).as(what + ": " + comparison).isTrue();
    }

    public static void assertLoss(String what, double actual, double expected) {
        Comparison comparison = Comparison.loss(actual, expected, Comparison.FORWARD);
        assertThat(comparison.passed()).as(what + ": " + comparison).isTrue();
    }

    /** Normally distributed rows of length 1. */
    public static float[] unitRows(long seed, int rows, int channels) {
        double[] unit = TrainingOracle.normalize(
                Comparison.widened(ThreadCounts.normal(seed, rows * channels, 0, 1)), channels, 0);
        float[] out = new float[unit.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) unit[i];
        }
        return out;
    }
}
