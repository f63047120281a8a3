package org.stegokernels.verify;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import org.stegokernels.device.Device.Precision;

/**
 * The distance of a result from what was expected.
 *
 * @param error the measure compared with the tolerance
 * @param passed whether it is good enough
 * @param detail the worst element, if it is not
 */
public record Comparison(double error, double tolerance, boolean passed, String detail) {
    /** Forward operations: norm of the difference over norm of the reference. */
    public static final double FORWARD = 1e-5;
    /** Gradients, and what they lead to: norm of the difference over norm of the reference. */
    public static final double BACKWARD = 1e-4;
    /** Single operations of training, a tenth of {@link #BACKWARD}; 16 bits don't loosen it, as they do {@link #FORWARD}. */
    public static final double TRAINING = Math.nextDown(FORWARD);
    /** Whole networks, as {@link #FORWARD}; operands of 10 bits after the point add up over their layers, in 16 bits as in TF32. */
    public static final double NETWORK = Math.nextUp(FORWARD);
    /** Forward operations and networks on a device that multiplies in 16 bits, and networks in TF32. */
    public static final double HALF = 2e-3;
    /** Single forward operations in TF32. */
    public static final double TEN_BITS = 1e-3;
    /** The error of a device with relaxed arithmetic, in tolerances. */
    public static final double RELAXED = 10;
    /** CRF marginals: largest absolute difference. */
    public static final double MARGINALS = 1e-3;
    /** CRF labels: share of pixels that differ. */
    public static final double LABELS = 1e-3;
    /** Integers: share of elements that differ. */
    public static final double EXACT = 0;

    private static final double SMALLEST_LOSS = 0.01;

    /** A norm over many elements can hide one bad one: none may be off by more than this many tolerances. */
    private static final double WORST_ELEMENT = 10;

    /**
     * Returns {@code |actual - expected| / |expected|} in the Euclidean norm; the absolute norm if nothing but zeros
     * is expected.
     * Also fails if a single element is off by more than ten tolerances of its own size, or of the root mean square if
     * that is larger. NaN never passes.
     */
    public static Comparison relative(float[] actual, double[] expected, double tolerance) {
        return relative(actual, expected, squares(expected), tolerance);
    }

    /**
     * As {@link #relative(float[], double[], double)}, for sums whose terms may cancel: rounding depends on the terms, however little
     * is left of them. The norm is that of the reference or, if larger, what it is in the mean for terms of random signs.
     *
     * @param termSquares the sum of the squares of each sum's terms
     */
    static Comparison sums(float[] actual, double[] expected, double[] termSquares, double tolerance) {
        double norm = Math.max(squares(expected), Arrays.stream(termSquares).sum());
        return relative(actual, expected, norm, tolerance);
    }

    private static double squares(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return sum;
    }

    /** @param norm the square of the norm to which the difference is relative; 0 for the absolute norm */
    private static Comparison relative(float[] actual, double[] expected, double norm, double tolerance) {
        if (actual.length != expected.length) {
            return wrongLength(actual.length, expected.length, tolerance);
        }
        double squares = 0;
        for (int i = 0; i < expected.length; i++) {
            squares += (actual[i] - expected[i]) * (actual[i] - expected[i]);
        }
        double error = Math.sqrt(norm == 0 ? squares : squares / norm);
        double usual = norm == 0 ? 1 : Math.sqrt(norm / expected.length);
        IntToDoubleFunction off = i -> Math.abs(actual[i] - expected[i]) / Math.max(usual, Math.abs(expected[i]));
        int worst = worst(expected.length, off);
        boolean passed = error <= tolerance && (worst < 0 || off.applyAsDouble(worst) <= WORST_ELEMENT * tolerance);
        return new Comparison(
                error,
                tolerance,
                passed,
                passed ? "" : worstAndFirst(worst, off, tolerance, i -> at(i, actual[i], expected[i])));
    }

    /**
     * Compares a loss that is the mean of many values of about the size of 1, which may cancel: what rounding leaves of
     * it is as large as rounding makes them. The difference is relative to the loss, or to a hundredth if that is
     * larger.
     */
    public static Comparison loss(double actual, double expected, double tolerance) {
        double error = Math.abs(actual - expected) / Math.max(Math.abs(expected), SMALLEST_LOSS);
        boolean passed = error <= tolerance;
        return new Comparison(error, tolerance, passed, passed ? "" : at(0, actual, expected));
    }

    /** Compares as {@link #relative(float[], double[], double)} against single-precision values. */
    public static Comparison relative(float[] actual, float[] expected, double tolerance) {
        return relative(actual, widened(expected), tolerance);
    }

    /** Returns the largest absolute difference. NaN never passes. */
    public static Comparison largest(float[] actual, double[] expected, double tolerance) {
        if (actual.length != expected.length) {
            return wrongLength(actual.length, expected.length, tolerance);
        }
        IntToDoubleFunction off = i -> Math.abs(actual[i] - expected[i]);
        int worst = worst(expected.length, off);
        double error = worst < 0 ? 0 : off.applyAsDouble(worst);
        boolean passed = error <= tolerance;
        return new Comparison(
                error,
                tolerance,
                passed,
                passed ? "" : worstAndFirst(worst, off, tolerance, i -> at(i, actual[i], expected[i])));
    }

    /** Compares as {@link #largest(float[], double[], double)} against single-precision values. */
    public static Comparison largest(float[] actual, float[] expected, double tolerance) {
        return largest(actual, widened(expected), tolerance);
    }

    /**
     * Returns the largest difference of an element relative to itself, or to {@code smallest} if that is larger: for values whose
     * small elements count as much as the large ones. NaN and the infinities must be where they are expected.
     */
    static Comparison each(float[] actual, double[] expected, double tolerance, double smallest) {
        if (actual.length != expected.length) {
            return wrongLength(actual.length, expected.length, tolerance);
        }
        IntToDoubleFunction off = i -> Double.compare(actual[i], (float) expected[i]) == 0
                ? 0
                : Math.abs(actual[i] - expected[i]) / Math.max(smallest, Math.abs(expected[i]));
        int worst = worst(expected.length, off);
        double error = worst < 0 ? 0 : off.applyAsDouble(worst);
        boolean passed = error <= tolerance;
        return new Comparison(
                error,
                tolerance,
                passed,
                passed ? "" : worstAndFirst(worst, off, tolerance, i -> at(i, actual[i], expected[i])));
    }

    /** Returns the share of elements that differ. */
    public static Comparison labels(int[] actual, int[] expected, double tolerance) {
        if (actual.length != expected.length) {
            return wrongLength(actual.length, expected.length, tolerance);
        }
        IntToDoubleFunction differs = i -> actual[i] == expected[i] ? 0 : 1;
        double different = 0;
        for (int i = 0; i < expected.length; i++) {
            different += differs.applyAsDouble(i);
        }
        double error = expected.length == 0 ? 0 : different / expected.length;
        boolean passed = error <= tolerance;
        int first = worst(expected.length, differs);
        return new Comparison(
                error,
                tolerance,
                passed,
                passed ? "" : worstAndFirst(first, differs, 0, i -> at(i, actual[i], expected[i])));
    }

    /** Returns the first comparison that failed, with its number, or the one of the largest error. */
    static Comparison worstOf(Comparison... comparisons) {
        Comparison worst = comparisons[0];
        for (int i = 0; i < comparisons.length; i++) {
            if (!comparisons[i].passed()) {
                return comparisons[i].prefixed("result " + (i + 1) + ": ");
            }
            worst = comparisons[i].error() > worst.error() ? comparisons[i] : worst;
        }
        return worst;
    }

    /** Returns the same comparison with {@code where} before the detail. */
    public Comparison prefixed(String where) {
        return new Comparison(error, tolerance, passed, where + detail);
    }

    /**
     * Returns the same comparison judged as a device of some precision may be, by the norm alone: in 16 bits by {@link
     * #HALF} if it was {@link #FORWARD} or {@link #NETWORK}, in TF32 by {@link #TEN_BITS} or {@link #HALF}; with relaxed arithmetic by
     * {@link #RELAXED} times {@link #FORWARD} or {@link #BACKWARD}. All others as they are.
     */
    public Comparison in(Precision precision) {
        return switch (precision) {
            case FP32 -> this;
            case FP16 -> tolerance == FORWARD || tolerance == NETWORK ? within(HALF) : this;
            case TF32 -> tolerance == NETWORK ? within(HALF) : tolerance == FORWARD ? within(TEN_BITS) : this;
            case FAST -> {
                double usual = tolerance == TRAINING ? BACKWARD : tolerance == NETWORK ? FORWARD : tolerance;
                yield usual == FORWARD || usual == BACKWARD ? within(RELAXED * usual) : this;
            }
        };
    }

    private Comparison within(double other) {
        return new Comparison(error, other, error <= other, error <= other ? "" : detail);
    }

    /**
     * Returns the first index where {@code off} is largest, or the first where it is NaN; -1 if there are no
     * elements.
     */
    private static int worst(int length, IntToDoubleFunction off) {
        int worst = -1;
        double furthest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < length && !Double.isNaN(furthest); i++) {
            double here = off.applyAsDouble(i);
            if (!(here <= furthest)) {
                furthest = here;
                worst = i;
            }
        }
        return worst;
    }

    private static Comparison wrongLength(int actual, int expected, double tolerance) {
        return new Comparison(Double.NaN, tolerance, false, actual + " values, expected " + expected);
    }

    /** Returns the worst element, and the first that is off by more than a tolerance, if that is another. */
    private static String worstAndFirst(
            int worst, IntToDoubleFunction off, double tolerance, IntFunction<String> element) {
        int first = 0;
        while (first < worst && off.applyAsDouble(first) <= tolerance) {
            first++;
        }
        return element.apply(worst) + (first < worst ? ", the worst; the first off: " + element.apply(first) : "");
    }

    private static String at(int index, double actual, double expected) {
        return String.format(Locale.ROOT, "element %d is %.7g, expected %.7g", index, actual, expected);
    }

    /** Floats as doubles. */
    public static double[] widened(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
