package org.stegokernels.device.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleUnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.stegokernels.verify.Oracle;

class VectorMathTest {
    private static final int WIDTH = VectorLanes.SPECIES.length();

    @FunctionalInterface
    private interface VectorFunction {
        FloatVector apply(FloatVector x);
    }

    private static float first(VectorFunction function, float x) {
        return function.apply(FloatVector.broadcast(VectorLanes.SPECIES, x)).lane(0);
    }

    private static double gelu(double x) {
        return Oracle.gelu(new float[] {(float) x})[0];
    }

    /** Largest error over steps of {@code step}, relative to the exact value but never to less than {@code floor}. */
    private static double error(
            VectorFunction function, DoubleUnaryOperator exact, double from, double to, double step, double floor) {
        float[] x = new float[WIDTH];
        float[] y = new float[WIDTH];
        double worst = 0;
        for (double start = from; start < to; start += step * WIDTH) {
            for (int i = 0; i < WIDTH; i++) {
                x[i] = (float) (start + i * step);
            }
            function.apply(FloatVector.fromArray(VectorLanes.SPECIES, x, 0)).intoArray(y, 0);
            for (int i = 0; i < WIDTH; i++) {
                double wanted = exact.applyAsDouble(x[i]);
                worst = Math.max(worst, Math.abs(y[i] - wanted) / Math.max(floor, Math.abs(wanted)));
            }
        }
        return worst;
    }

    @Test
    void expIsWithinItsRelativeError() {
        assertThat(error(VectorMath::exp, Math::exp, -87.3, 88.2, 1.3e-4, 0)).isLessThan(2e-7);
    }

    @Test
    void expEndsInZeroInfinityAndNaN() {
        assertThat(first(VectorMath::exp, 0f)).isEqualTo(1f);
        assertThat(first(VectorMath::exp, -88f)).isZero();
        assertThat(first(VectorMath::exp, -1e30f)).isZero();
        assertThat(first(VectorMath::exp, Float.NEGATIVE_INFINITY)).isZero();
        assertThat(first(VectorMath::exp, 89f)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(first(VectorMath::exp, Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(first(VectorMath::exp, Float.NaN)).isNaN();
    }

    @Test
    void geluIsWithinItsErrors() {
        assertThat(error(VectorMath::gelu, VectorMathTest::gelu, -15, 15, 2.3e-5, 1))
                .isLessThan(2e-7);
        assertThat(error(VectorMath::gelu, VectorMathTest::gelu, -1, 15, 2.3e-5, 1e-9))
                .isLessThan(1.2e-6);
        assertThat(error(VectorMath::gelu, VectorMathTest::gelu, -1e-3, 1e-3, 1e-8, 1e-12))
                .isLessThan(2e-7);
        assertThat(error(VectorMath::gelu, VectorMathTest::gelu, -12.5, -1, 2.3e-5, 1e-36))
                .as("in the tail")
                .isLessThan(1.5e-3);
    }

    @Test
    void geluOfExtremes() {
        assertThat(first(VectorMath::gelu, 0f)).isZero();
        assertThat(first(VectorMath::gelu, -1e30f)).isZero();
        assertThat(first(VectorMath::gelu, 1e30f)).isEqualTo(1e30f);
        assertThat(first(VectorMath::gelu, Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(first(VectorMath::gelu, Float.NaN)).isNaN();
    }

    @Test
    void scalarTwinsHaveTheSameBits() {
        for (float x = -95f; x < 95f; x += 0.0137f) {
            assertThat(ScalarMath.exp(x)).isEqualTo(first(VectorMath::exp, x));
            assertThat(ScalarMath.gelu(x)).isEqualTo(first(VectorMath::gelu, x));
        }
        assertThat(ScalarMath.exp(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(ScalarMath.exp(Float.NaN)).isNaN();
        assertThat(ScalarMath.gelu(Float.NaN)).isNaN();
    }

    @Test
    void logIsWithinItsErrors() {
        for (float x = 0.25f; x < 2000; x *= 1.00013f) {
            double wanted = Math.log(x);
            assertThat((double) ScalarMath.log(x)).isCloseTo(wanted, within(1e-7 + 6e-8 * Math.abs(wanted)));
        }
        assertThat(ScalarMath.log(1)).isZero();
        assertThat(ScalarMath.log(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(ScalarMath.log(Float.NaN)).isNaN();
    }
}
