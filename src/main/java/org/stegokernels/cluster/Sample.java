package org.stegokernels.cluster;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.stegokernels.cluster.Clustering.Points;

/** Choices of some points among many. */
final class Sample {
    /** A point in a set: equal to another if all its values have the same bits. */
    private static final class Row {
        final float[] values;
        private final int hash;

        Row(float[] values) {
            this.values = values;
            this.hash = Arrays.hashCode(values);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Row row && Arrays.equals(values, row.values);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    private Sample() {}

    /**
     * Returns the indices of {@code wanted} of {@code count} points, each as likely as any other, in their order (Knuth, The
     * Art of Computer Programming 2, section 3.4.2, algorithm S).
     */
    static int[] indices(int count, int wanted, SplittableRandom random) {
        int[] indices = new int[wanted];
        int taken = 0;
        for (int seen = 0; seen < count; seen++) {
            if (random.nextInt(count - seen) < wanted - taken) {
                indices[taken++] = seen;
            }
        }
        return indices;
    }

    /** Puts indices into a random order, each as likely as any other. */
    static void shuffle(int[] order, SplittableRandom random) {
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int moved = order[i];
            order[i] = order[other];
            order[other] = moved;
        }
    }

    /** Returns copies of points, {@code [n, C]}, by their indices in rising order. */
    static float[] rows(Points points, int[] indices) {
        int channels = points.channels();
        float[] rows = new float[indices.length * channels];
        int chunk = 0;
        int before = 0;
        for (int i = 0; i < indices.length; i++) {
            while (indices[i] - before >= points.chunk(chunk).length / channels) {
                before += points.chunk(chunk).length / channels;
                chunk++;
            }
            System.arraycopy(points.chunk(chunk), (indices[i] - before) * channels, rows, i * channels, channels);
        }
        return rows;
    }

    /** Returns the first {@code wanted} points that are not the same as one before; fewer if there are no more. */
    static Points distinct(Points points, int wanted) {
        int channels = points.channels();
        Set<Row> rows = new LinkedHashSet<>();
        for (int index = 0; index < points.chunks() && rows.size() < wanted; index++) {
            float[] chunk = points.chunk(index);
            for (int at = 0; at < chunk.length && rows.size() < wanted; at += channels) {
                rows.add(new Row(Arrays.copyOfRange(chunk, at, at + channels)));
            }
        }
        return Points.of(rows.stream().map(row -> row.values).toList(), channels);
    }
}
