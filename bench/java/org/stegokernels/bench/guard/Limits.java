package org.stegokernels.bench.guard;

/**
 * Strictness of a check, and its longest time.
 *
 * @param least part of the baseline that a path must reach
 * @param forks that every path is measured in
 * @param mostForks after which a path that is still in doubt is judged as it stands
 */
record Limits(double least, int forks, int mostForks) {
    static final Limits FULL = new Limits(0.85, 3, 9);
    /** Stops nothing but a path that is far slower, on a machine that has other things to do. */
    static final Limits SHORT = new Limits(0.60, 1, 4);
}
