package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device.Precision;

class ComparisonTest {
    @Test
    void namesTheWorstElementAndTheFirstThatIsOff() {
        float[] actual = {1, 2, 3.5f, 4, 9, 6};
        double[] expected = {1, 2, 3, 4, 5, 6};
        assertThat(Comparison.relative(actual, expected, 1e-5).detail())
                .isEqualTo("element 4 is 9.000000, expected 5.000000, the worst;"
                        + " the first off: element 2 is 3.500000, expected 3.000000");
        assertThat(Comparison.labels(new int[] {1, 7, 8}, new int[] {1, 2, 3}, 0)
                        .detail())
                .isEqualTo("element 1 is 7.000000, expected 2.000000");
    }

    @Test
    void relativeErrorIsNormOfDifferenceOverNormOfReference() {
        Comparison comparison = Comparison.relative(new float[] {3, 4.5f}, new double[] {3, 4}, 0.2);
        assertThat(comparison.error()).isCloseTo(0.1, within(1e-12));
        assertThat(comparison.passed()).isTrue();
        assertThat(Comparison.relative(new float[] {3, 4.5f}, new double[] {3, 4}, 0.09)
                        .passed())
                .isFalse();
    }

    /** 1e-7 of the terms, which are 10 in the mean, but a thousandth of what is left of them. */
    @Test
    void aSumThatCancelsIsMeasuredByItsTerms() {
        double[] expected = {1e-3};
        double[] termSquares = {100};
        assertThat(Comparison.sums(new float[] {1.001e-3f}, expected, termSquares, 1e-5)
                        .error())
                .isCloseTo(1e-7, within(1e-10));
        assertThat(Comparison.sums(new float[] {1.2e-3f}, expected, termSquares, 1e-5)
                        .passed())
                .isFalse();
        double[] large = {40};
        assertThat(Comparison.sums(new float[] {40.0008f}, large, termSquares, 1e-5)
                        .passed())
                .isFalse();
    }

    @Test
    void oneBadElementAmongManyFails() {
        double[] expected = new double[1_000_000];
        Arrays.fill(expected, 1);
        float[] actual = new float[expected.length];
        Arrays.fill(actual, 1);
        actual[123_456] = 1.001f;
        Comparison comparison = Comparison.relative(actual, expected, 1e-5);
        assertThat(comparison.error()).isLessThan(1e-5);
        assertThat(comparison.passed()).isFalse();
        assertThat(comparison.detail()).contains("element 123456 is 1.001");
    }

    @Test
    void notANumberNeverPasses() {
        float[] actual = {1, Float.NaN, 5};
        Comparison relative = Comparison.relative(actual, new double[] {1, 2, 3}, 1e9);
        assertThat(relative.passed()).isFalse();
        assertThat(relative.detail()).contains("element 1");
        assertThat(Comparison.largest(actual, new double[] {1, 2, 3}, 1e9).passed())
                .isFalse();
        assertThat(Comparison.relative(new float[] {1}, new double[] {Double.NaN}, 1e9)
                        .passed())
                .isFalse();
    }

    @Test
    void zerosAreComparedAbsolutely() {
        assertThat(Comparison.relative(new float[] {0, 0}, new double[2], 1e-5).passed())
                .isTrue();
        assertThat(Comparison.relative(new float[] {0, 1e-3f}, new double[2], 1e-5)
                        .passed())
                .isFalse();
    }

    @Test
    void largestIsTheLargestAbsoluteDifference() {
        Comparison comparison = Comparison.largest(new float[] {1, 2, 3}, new float[] {1, 2.5f, 3}, 0.4);
        assertThat(comparison.error()).isEqualTo(0.5);
        assertThat(comparison.passed()).isFalse();
        assertThat(comparison.detail()).contains("element 1 is 2.0");
    }

    @Test
    void labelsAreCounted() {
        Comparison comparison = Comparison.labels(new int[] {1, 2, 3, 4}, new int[] {1, 2, 9, 4}, 0.25);
        assertThat(comparison.error()).isEqualTo(0.25);
        assertThat(comparison.passed()).isTrue();
        assertThat(Comparison.labels(new int[] {1, 2}, new int[] {1, 3}, 0.25).detail())
                .contains("element 1 is 2");
    }

    @Test
    void aLessPreciseDeviceIsJudgedByItsOwnTolerance() {
        Comparison forward = Comparison.relative(new float[] {1.00005f}, new double[] {1}, Comparison.FORWARD);
        assertThat(forward.in(Precision.FP32).passed()).isFalse();
        assertThat(forward.in(Precision.FAST).tolerance()).isEqualTo(1e-4);
        assertThat(forward.in(Precision.FAST).passed()).isTrue();
        assertThat(forward.in(Precision.FP16).tolerance()).isEqualTo(2e-3);
        assertThat(forward.in(Precision.TF32).tolerance()).isEqualTo(1e-3);
        Comparison network = Comparison.relative(new float[] {1.0015f}, new double[] {1}, Comparison.NETWORK);
        assertThat(network.in(Precision.FP32).passed()).isFalse();
        assertThat(network.in(Precision.FAST).tolerance()).isEqualTo(1e-4);
        assertThat(network.in(Precision.FP16).passed()).isTrue();
        assertThat(network.in(Precision.TF32).tolerance()).isEqualTo(2e-3);
        Comparison backward = Comparison.relative(new float[] {1.002f}, new double[] {1}, Comparison.BACKWARD);
        assertThat(backward.in(Precision.FAST).tolerance()).isEqualTo(1e-3);
        assertThat(backward.in(Precision.FAST).passed()).isFalse();
        assertThat(backward.in(Precision.FP16)).isEqualTo(backward);
        assertThat(backward.in(Precision.TF32)).isEqualTo(backward);
        Comparison labels = Comparison.labels(new int[] {1, 2}, new int[] {1, 3}, Comparison.LABELS);
        assertThat(labels.in(Precision.FAST)).isEqualTo(labels);
    }

    @Test
    void anotherLengthFails() {
        assertThat(Comparison.relative(new float[2], new double[3], 1).passed()).isFalse();
        assertThat(Comparison.largest(new float[2], new double[3], 1).passed()).isFalse();
        assertThat(Comparison.labels(new int[2], new int[3], 1).passed()).isFalse();
    }

    @Test
    void nothingEqualsNothing() {
        assertThat(Comparison.relative(new float[0], new double[0], 0).passed()).isTrue();
        assertThat(Comparison.largest(new float[0], new double[0], 0).passed()).isTrue();
        assertThat(Comparison.labels(new int[0], new int[0], 0).passed()).isTrue();
    }
}
