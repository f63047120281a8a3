package org.stegokernels.cluster;

/**
 * All points in one array, behind each other.
 *
 * @param values {@code [count, C]}, the origin subtracted; the array of the points themselves where that is possible
 * @param origin {@code [C]}: about their mean for {@link Metric#EUCLIDEAN}, so that points far from zero keep their
 *     differences in float; zeros for {@link Metric#COSINE}
 */
record GatheredPoints(float[] values, int count, float[] origin) {
    /** Points that the origin is the mean of, at most. */
    private static final int SAMPLE = 4096;

    /** @throws ClusteringException if they are too many for one array */
    static GatheredPoints of(Points points, Metric metric) {
        int channels = points.channels();
        long length = 0;
        for (int i = 0; i < points.chunks(); i++) {
            length += points.chunk(i).length;
        }
        if (length > Integer.MAX_VALUE - Long.BYTES) {
            throw new ClusteringException(length / channels + " points of " + channels
                    + " channels are more than one tensor holds: cluster a sample of them");
        }
        int count = (int) (length / channels);
        if (metric == Metric.COSINE && points.chunks() == 1) {
            return new GatheredPoints(points.chunk(0), count, new float[channels]);
        }
        float[] values = new float[(int) length];
        int at = 0;
        for (int i = 0; i < points.chunks(); i++) {
            float[] chunk = points.chunk(i);
            System.arraycopy(chunk, 0, values, at, chunk.length);
            at += chunk.length;
        }
        float[] origin = metric == Metric.COSINE ? new float[channels] : mean(values, count, channels);
        for (int row = 0; row < values.length && metric != Metric.COSINE; row += channels) {
            for (int c = 0; c < channels; c++) {
                values[row + c] -= origin[c];
            }
        }
        return new GatheredPoints(values, count, origin);
    }

    /** Mean of points spread evenly over all. */
    private static float[] mean(float[] values, int count, int channels) {
        int taken = Math.min(count, SAMPLE);
        double[] sums = new double[channels];
        for (int i = 0; i < taken; i++) {
            int row = (int) ((long) i * count / taken) * channels;
            for (int c = 0; c < channels; c++) {
                sums[c] += values[row + c];
            }
        }
        float[] mean = new float[channels];
        for (int c = 0; c < channels; c++) {
            mean[c] = taken == 0 ? 0 : (float) (sums[c] / taken);
        }
        return mean;
    }

    double squaredLengths() {
        double sum = 0;
        for (int row = 0; row < count; row++) {
            sum += PointBlocks.squaredLength(values, row * origin.length, origin.length);
        }
        return sum;
    }
}
