package org.stegokernels.cluster;

import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * Brings points to the device, one block of rows at a time in a buffer used again, whatever the chunks they come in.
 * For {@link Metric#COSINE} their lengths are made 1; for {@link Metric#EUCLIDEAN} an origin is subtracted, so that
 * points far from zero keep their differences in float.
 */
final class PointBlocks implements AutoCloseable {
    /** Rows in a block: enough work for all threads, few enough to stay in the cache between two kernels. */
    static final int ROWS = 8192;

    private static final float SHORTEST = 1e-12f;

    private final Device device;
    private final Points points;
    private final Metric metric;
    private final float[] origin;
    private final int channels;
    private final int count;
    private final float[] staging;
    private final Tensor buffer;

    /** Start of the next block: a chunk and a value in it. */
    private int chunk;

    private int position;
    private int loaded = -1;

    PointBlocks(Device device, Points points, Metric metric, float[] origin) {
        this.device = device;
        this.points = points;
        this.metric = metric;
        this.origin = origin;
        this.channels = points.channels();
        this.count = count(points);
        int rows = Math.min(ROWS, count);
        this.staging = new float[rows * channels];
        this.buffer = device.allocate(rows, channels);
    }

    private static int count(Points points) {
        long values = 0;
        for (int i = 0; i < points.chunks(); i++) {
            values += points.chunk(i).length;
        }
        long count = values / points.channels();
        if (count > Integer.MAX_VALUE) {
            throw new Clustering.ImpossibleException(count + " points are too many");
        }
        return (int) count;
    }

    /** Returns the number of all points. */
    int count() {
        return count;
    }

    int channels() {
        return channels;
    }

    int blocks() {
        return (int) (((long) count + ROWS - 1) / ROWS);
    }

    /** Returns the index of the first point of a block. */
    int first(int block) {
        return block * ROWS;
    }

    /** Returns the points of a block, {@code [n, C]}, until the next call; blocks are cheapest in order. */
    Tensor load(int block) {
        int rows = Math.min(ROWS, count - first(block));
        Tensor view = buffer.view(rows, channels);
        if (block != loaded) {
            stage(block, rows * channels);
            device.write(staging, view);
            if (metric == Metric.COSINE) {
                device.kernels().normalize(view, SHORTEST, view);
            }
            loaded = block;
        }
        return view;
    }

    /** Marks the origin as changed: the next load brings its points anew. */
    void reload() {
        loaded = -1;
        chunk = 0;
        position = 0;
    }

    private void stage(int block, int values) {
        if (block != loaded + 1) {
            rewindTo(block);
        }
        for (int filled = 0; filled < values; ) {
            float[] source = points.chunk(chunk);
            int copied = Math.min(values - filled, source.length - position);
            System.arraycopy(source, position, staging, filled, copied);
            filled += copied;
            position += copied;
            if (position == source.length) {
                chunk++;
                position = 0;
            }
        }
        if (metric == Metric.EUCLIDEAN) {
            for (int row = 0; row < values; row += channels) {
                for (int c = 0; c < channels; c++) {
                    staging[row + c] -= origin[c];
                }
            }
        }
    }

    private void rewindTo(int block) {
        long skip = (long) first(block) * channels;
        chunk = 0;
        while (skip > 0 && skip >= points.chunk(chunk).length) {
            skip -= points.chunk(chunk).length;
            chunk++;
        }
        position = (int) skip;
    }

    /** Returns the sum of all points as they are on the device. */
    float[] sum() {
        try (Tensor labels = device.allocate(ElementType.I32, Shape.of(Math.min(ROWS, count)));
                Tensor sums = device.allocate(1, channels);
                Tensor counts = device.allocate(ElementType.I32, Shape.of(1))) {
            for (int block = 0; block < blocks(); block++) {
                Tensor x = load(block);
                device.kernels().clusterSums(x, labels.view(x.shape().dim(0)), sums, counts);
            }
            return device.floats(sums);
        }
    }

    /** Returns the sum of the squared lengths of all points, the origin subtracted; for {@link Metric#EUCLIDEAN}. */
    double squaredLengths() {
        double sum = 0;
        for (int block = 0; block < blocks(); block++) {
            sum += squaredLength(staging, 0, load(block).shape().size());
        }
        return sum;
    }

    /** Adds up in four sums, which the processor can add side by side. */
    static double squaredLength(float[] x, int offset, int length) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = offset;
        for (; i <= offset + length - 4; i += 4) {
            a += (double) x[i] * x[i];
            b += (double) x[i + 1] * x[i + 1];
            c += (double) x[i + 2] * x[i + 2];
            d += (double) x[i + 3] * x[i + 3];
        }
        for (; i < offset + length; i++) {
            a += (double) x[i] * x[i];
        }
        return a + b + (c + d);
    }

    @Override
    public void close() {
        buffer.close();
    }
}
