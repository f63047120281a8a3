package org.stegokernels.train;

/**
 * Counts of values in equal parts of a range; those outside count in the first or last part. Grows as values
 * are added. One thread at a time.
 */
final class Histogram {
    private final double from;
    private final double to;
    private final long[] counts;

    Histogram(double from, double to, int parts) {
        this.from = from;
        this.to = to;
        this.counts = new long[parts];
    }

    /** Counts a value. */
    void add(double value) {
        int part = (int) ((value - from) / (to - from) * counts.length);
        counts[Math.min(counts.length - 1, Math.max(0, part))]++;
    }

    /** Returns the borders of the parts: one more than there are parts. */
    double[] edges() {
        double[] edges = new double[counts.length + 1];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = from + (to - from) * i / counts.length;
        }
        return edges;
    }

    /** Returns a copy of the number of values in each part. */
    long[] counts() {
        return counts.clone();
    }

    /** Returns the number of values counted. */
    long total() {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        return total;
    }

    /** Returns the share of values above {@code value}; NaN if there are none. Each counts as the middle of its part. */
    double shareAbove(double value) {
        double above = 0;
        for (int i = 0; i < counts.length; i++) {
            above += middle(i) > value ? counts[i] : 0;
        }
        return above / total();
    }

    /**
     * Returns the part of all distance from {@code value} that is above it: {@code sum (v - value)+ / sum |v - value|}; falls as {@code
     * value} rises.
     */
    double pullAbove(double value) {
        double above = 0;
        double all = 0;
        for (int i = 0; i < counts.length; i++) {
            double distance = middle(i) - value;
            above += counts[i] * Math.max(0, distance);
            all += counts[i] * Math.abs(distance);
        }
        return above / all;
    }

    private double middle(int part) {
        return from + (to - from) * (part + 0.5) / counts.length;
    }
}
