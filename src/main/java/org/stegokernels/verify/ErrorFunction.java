package org.stegokernels.verify;

/** The error function in double precision, which the JDK lacks. Absolute error below 1e-15. */
final class ErrorFunction {
    private static final double SERIES_LIMIT = 3;
    private static final int FRACTION_LEVELS = 60;

    private ErrorFunction() {}

    /** Returns {@code 2 / sqrt(pi) * integral from 0 to x of exp(-t^2) dt}. */
    static double erf(double x) {
        return Math.abs(x) < SERIES_LIMIT ? series(x) : Math.signum(x) * (1 - fraction(Math.abs(x)));
    }

    /** Returns {@code 1 - erf(x)}, without the cancellation where x is large. */
    static double erfc(double x) {
        if (Math.abs(x) < SERIES_LIMIT) {
            return 1 - series(x);
        }
        return x > 0 ? fraction(x) : 2 - fraction(-x);
    }

    /**
     * Computes {@code erf(x) = 2 / sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (1 * 3 * ... * (2n+1))} (Abramowitz and
     * Stegun 7.1.6): terms of one sign, so nothing cancels.
     */
    private static double series(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    /**
     * Computes {@code erfc(x) = exp(-x^2) / sqrt(pi) / (x + (1/2) / (x + (2/2) / (x + (3/2) / ...)))} for x > 0
     * (Abramowitz and Stegun 7.1.14), from the innermost level out.
     */
    private static double fraction(double x) {
        double denominator = x;
        for (int level = FRACTION_LEVELS; level > 0; level--) {
            denominator = x + level / 2.0 / denominator;
        }
        return Math.exp(-x * x) / Math.sqrt(Math.PI) / denominator;
    }
}
