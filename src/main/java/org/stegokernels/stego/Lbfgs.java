package org.stegokernels.stego;

import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Minimises a smooth function by L-BFGS (Nocedal and Wright 2006, algorithm 7.5): steps along the gradient, reshaped by what the last
 * steps told about curvature, each as long as Armijo's condition allows. Deterministic. For functions of some thousand
 * variables whose value and slope are the expensive part.
 */
final class Lbfgs {
    /** Steps that are remembered. */
    private static final int HISTORY = 10;
    /** The part of the decrease promised by the slope that a step must bring (Nocedal and Wright 2006, section 3.1). */
    private static final double ARMIJO = 1e-4;

    private static final int MOST_HALVINGS = 20;
    /** Pairs of less curvature than this, relative to their lengths, would make the step grow without bounds. */
    private static final double LEAST_CURVATURE = 1e-10;

    private Lbfgs() {}

    /** A function and its slope. */
    @FunctionalInterface
    interface Objective {
        /**
         * Computes the value at a point.
         *
         * @param x not to be changed
         * @param gradient is overwritten
         */
        double at(double[] x, double[] gradient);
    }

    /** A step, {@code s}, and the change of the gradient over it, {@code y}. */
    private record Pair(double[] s, double[] y, double product) {}

    /**
     * Moves a point to where the function is lowest.
     *
     * @param x the start; is overwritten
     * @param most steps
     * @param tolerance stop when a step lowers the value by less than this part of it
     * @return the value at the end
     */
    static double minimize(Objective objective, double[] x, int most, double tolerance) {
        double[] gradient = new double[x.length];
        double value = objective.at(x, gradient);
        ArrayDeque<Pair> pairs = new ArrayDeque<>();
        for (int step = 0; step < most; step++) {
            double[] direction = direction(gradient, pairs);
            double slope = dot(direction, gradient);
            double[] nextGradient = new double[x.length];
            // Without curvature to go by, the first step is of length 1 at most.
            double length = pairs.isEmpty() ? Math.min(1, 1 / Math.sqrt(Math.max(-slope, Double.MIN_NORMAL))) : 1;
            double[] next = null;
            double reached = Double.NaN;
            boolean lower = false;
            for (int halving = 0; halving < MOST_HALVINGS && !lower; halving++) {
                next = moved(x, direction, length);
                reached = objective.at(next, nextGradient);
                lower = reached <= value + ARMIJO * length * slope;
                length /= 2;
            }
            if (!lower) {
                return value;
            }
            remember(pairs, x, next, gradient, nextGradient);
            boolean done = value - reached <= tolerance * Math.abs(value);
            System.arraycopy(next, 0, x, 0, x.length);
            gradient = nextGradient;
            value = reached;
            if (done) {
                return value;
            }
        }
        return value;
    }

    private static void remember(
            ArrayDeque<Pair> pairs, double[] x, double[] next, double[] gradient, double[] nextGradient) {
        double[] s = moved(next, x, -1);
        double[] y = moved(nextGradient, gradient, -1);
        double product = dot(s, y);
        if (product > LEAST_CURVATURE * Math.sqrt(dot(s, s) * dot(y, y))) {
            pairs.addFirst(new Pair(s, y, product));
            if (pairs.size() > HISTORY) {
                pairs.removeLast();
            }
        }
    }

    /** Returns minus the gradient, multiplied by the estimate of the inverse Hessian (two-loop recursion, algorithm 7.4). */
    private static double[] direction(double[] gradient, ArrayDeque<Pair> pairs) {
        double[] q = moved(new double[gradient.length], gradient, -1);
        double[] alphas = new double[pairs.size()];
        int i = 0;
        for (Pair pair : pairs) {
            alphas[i] = dot(pair.s(), q) / pair.product();
            add(q, pair.y(), -alphas[i++]);
        }
        if (!pairs.isEmpty()) {
            Pair last = pairs.getFirst();
            double scale = last.product() / dot(last.y(), last.y());
            for (int c = 0; c < q.length; c++) {
                q[c] *= scale;
            }
        }
        for (Iterator<Pair> oldest = pairs.descendingIterator(); oldest.hasNext(); ) {
            Pair pair = oldest.next();
            add(q, pair.s(), alphas[--i] - dot(pair.y(), q) / pair.product());
        }
        return q;
    }

    private static double[] moved(double[] from, double[] direction, double length) {
        double[] to = from.clone();
        add(to, direction, length);
        return to;
    }

    private static void add(double[] sum, double[] x, double factor) {
        for (int c = 0; c < sum.length; c++) {
            sum[c] += factor * x[c];
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int c = 0; c < a.length; c++) {
            sum += a[c] * b[c];
        }
        return sum;
    }
}
