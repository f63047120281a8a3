package org.stegokernels.cluster;

import java.util.List;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;

/**
 * All points in one array, one after the other.
 *
 * @param values {@code [count, C]}, the origin subtracted; the array of the points themselves where that is possible
 * @param origin {@code [C]}: about their mean for {@link Metric#EUCLIDEAN} if they are far from zero, so that they keep
 *     their differences in float; else zeros
 */
record GatheredPoints(float[] values, int count, float[] origin) {
    /** Points that the origin is the mean of, at most. */
    private static final int SAMPLE = 4096;
    /**
     * Points are far from zero if the square of their mean is more than so many times their variance. Below, float loses
     * no more digits than it does around the mean.
     */
    private static final double FAR = 1;

    /** @throws Clustering.ImpossibleException if they are too many for one array */
    static GatheredPoints of(Points points, Metric metric) {
        int channels = points.channels();
        long length = 0;
        for (int i = 0; i < points.chunks(); i++) {
            length += points.chunk(i).length;
        }
        if (length > Integer.MAX_VALUE - Long.BYTES) {
            throw new Clustering.ImpossibleException(length / channels + " points of " + channels
                    + " channels are more than one tensor holds: cluster a sample of them");
        }
        int count = (int) (length / channels);
        float[] values = points.chunks() == 1 ? points.chunk(0) : new float[(int) length];
        int at = 0;
        for (int i = 0; i < points.chunks() && points.chunks() > 1; i++) {
            float[] chunk = points.chunk(i);
            System.arraycopy(chunk, 0, values, at, chunk.length);
            at += chunk.length;
        }
        float[] origin = metric == Metric.COSINE
                ? new float[channels]
                : mean(Sample.rows(Points.of(List.of(values), channels), spread(count)), channels);
        if (isZero(origin)) {
            return new GatheredPoints(values, count, origin);
        }
        float[] moved = points.chunks() == 1 ? values.clone() : values;
        for (int row = 0; row < moved.length; row += channels) {
            for (int c = 0; c < channels; c++) {
                moved[row + c] -= origin[c];
            }
        }
        return new GatheredPoints(moved, count, origin);
    }

    /** Returns indices spread evenly over all. */
    static int[] spread(int count) {
        int[] indices = new int[Math.min(count, SAMPLE)];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = (int) ((long) i * count / indices.length);
        }
        return indices;
    }

    /** Returns the mean of points, {@code [n, C]}, or zeros if that makes no difference. */
    static float[] mean(float[] values, int channels) {
        int taken = values.length / channels;
        double[] sums = new double[channels];
        double squares = 0;
        for (int row = 0; row < values.length; row += channels) {
            for (int c = 0; c < channels; c++) {
                sums[c] += values[row + c];
                squares += (double) values[row + c] * values[row + c];
            }
        }
        float[] mean = new float[channels];
        double squareOfMean = 0;
        for (int c = 0; c < channels; c++) {
            mean[c] = taken == 0 ? 0 : (float) (sums[c] / taken);
            squareOfMean += (double) mean[c] * mean[c];
        }
        double variance = squares / Math.max(1, taken) - squareOfMean;
        return squareOfMean <= FAR * variance ? new float[channels] : mean;
    }

    private static boolean isZero(float[] origin) {
        boolean zero = true;
        for (float value : origin) {
            zero &= value == 0;
        }
        return zero;
    }

    double squaredLengths() {
        double sum = 0;
        for (int row = 0; row < count; row++) {
            sum += PointBlocks.squaredLength(values, row * origin.length, origin.length);
        }
        return sum;
    }
}
