package org.stegokernels.device.cpu;

/**
 * Reads rows that a loop is about to need. Many cache misses are under way at once then; a loop that has its arithmetic
 * in between waits for a few at a time. Java has no instruction for this.
 */
final class Prefetch {
    /** Floats of a cache line. */
    private static final int LINE = 16;

    /** The compiler would leave out reads of unused values. */
    private static float sink;

    private Prefetch() {}

    /**
     * Reads rows of an array that is laid out as {@link LatticeLanes} has it: the start of each, the next cache line and
     * the end, which is all of 32 channels, aligned or not.
     *
     * @param numbers of the rows, from {@code first} to {@code last - 1}
     */
    static void rows(float[] x, int[] numbers, int first, int last, int width) {
        int next = Math.min(LINE, width - 1);
        float even = 0;
        float odd = 0;
        for (int i = first; i < last; i++) {
            int row = LatticeLanes.LEAD + numbers[i] * width;
            even += x[row] + x[row + width - 1];
            odd += x[row + next];
        }
        sink = even + odd;
    }
}
