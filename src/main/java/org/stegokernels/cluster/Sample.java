package org.stegokernels.cluster;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
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
     * Returns {@code wanted} of {@code count} points, each as likely as any other, in their order (Knuth, The Art of
     * Computer Programming 2, section 3.4.2, algorithm S).
     */
    static Points uniform(Points points, int count, int wanted, SplittableRandom random) {
        int channels = points.channels();
        float[] sample = new float[wanted * channels];
        int seen = 0;
        int taken = 0;
        for (int index = 0; index < points.chunks(); index++) {
            float[] chunk = points.chunk(index);
            for (int at = 0; at < chunk.length; at += channels) {
                if (random.nextInt(count - seen) < wanted - taken) {
                    System.arraycopy(chunk, at, sample, taken * channels, channels);
                    taken++;
                }
                seen++;
            }
        }
        return Points.of(List.of(sample), channels);
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
