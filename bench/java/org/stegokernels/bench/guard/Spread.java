package org.stegokernels.bench.guard;

import java.util.List;

/**
 * The best and the worst of the processes that a path ran in, each by the median of its samples. Java compiles a path from
 * what it has seen of it, which differs from one process to the next; a wide spread is a lottery.
 *
 * @param best the ratio of the fastest process
 * @param worst the ratio of the slowest
 * @param processes how many there were
 * @param busy whether others took the processor in most of them
 */
record Spread(double best, double worst, int processes, boolean busy) {
    /** A wider spread is a fault. */
    static final double MOST = 1.2;

    /** @param forks for each fork its samples, at least one */
    static Spread of(List<double[]> forks, boolean busy) {
        double[] medians = forks.stream().mapToDouble(Estimate::median).sorted().toArray();
        return new Spread(medians[medians.length - 1], medians[0], medians.length, busy);
    }

    /** Returns how many times the slowest process takes the time of the fastest. */
    double factor() {
        return best / worst;
    }

    /** Returns whether the spread is a fault. */
    boolean wide() {
        return factor() > MOST;
    }
}
