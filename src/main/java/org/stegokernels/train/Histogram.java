package org.stegokernels.train;

/**
 * How often values fall into equal parts of a range; what lies outside counts in the first or last part. Grows as values
 * are added. One thread at a time.
 */
public final class Histogram {
    private final double from;
    private final double to;
    private final long[] counts;

    public Histogram(double from, double to, int parts) {
        this.from = from;
        this.to = to;
        this.counts = new long[parts];
    }

    /** Counts a value. */
    public void add(double value) {
        int part = (int) ((value - from) / (to - from) * counts.length);
        counts[Math.min(counts.length - 1, Math.max(0, part))]++;
    }

    /** Borders of the parts: one more than there are parts. */
    public double[] edges() {
        double[] edges = new double[counts.length + 1];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = from + (to - from) * i / counts.length;
        }
        return edges;
    }

    /** Values in each part; a copy. */
    public long[] counts() {
        return counts.clone();
    }

    /** Values counted. */
    public long total() {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        return total;
    }

    /** The share of values above {@code value}, as if they were spread evenly within a part; NaN if there are none. */
    public double shareAbove(double value) {
        double above = 0;
        double[] edges = edges();
        for (int i = 0; i < counts.length; i++) {
            double part = (edges[i + 1] - value) / (edges[i + 1] - edges[i]);
            above += counts[i] * Math.min(1, Math.max(0, part));
        }
        return above / total();
    }

    /** The value that the given share of values is above. */
    public double above(double share) {
        double wanted = share * total();
        double[] edges = edges();
        double above = 0;
        for (int i = counts.length - 1; i >= 0; i--) {
            if (counts[i] > 0 && above + counts[i] >= wanted) {
                return edges[i + 1] - (edges[i + 1] - edges[i]) * (wanted - above) / counts[i];
            }
            above += counts[i];
        }
        return from;
    }
}
