package org.stegokernels.cluster;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.stegokernels.cluster.Clustering.PartedPoints;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.device.Device;

/** The choice of the first centres among a sample of points, by {@link Seeding}. */
record Start(Device device, KMeans.Settings settings, float[] origin) {
    /** Points that the start is chosen among: enough for each cluster to be seen, few enough to go through k times. */
    private static final int SAMPLE = PointBlocks.ROWS;

    private static final int SAMPLE_PER_CLUSTER = 32;

    /** Points of which some are asked for. */
    private interface Source {
        float[] rows(int[] indices);

        /** Returns the first points that are not the same as one before. */
        Points distinct(int wanted);
    }

    /** Returns the first distinct points of a part. */
    private record Distinct(int wanted) implements PartedPoints.Task<float[][]> {
        @Override
        public float[][] run(Device device, Points part, int first) {
            Points distinct = Sample.distinct(part, wanted);
            float[][] rows = new float[distinct.chunks()][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = distinct.chunk(i);
            }
            return rows;
        }
    }

    /**
     * Chooses centres, relative to the origin, among a sample; if that has too few distinct points, among distinct ones of all.
     *
     * @param count all points
     * @throws Clustering.ImpossibleException if there are fewer distinct points than clusters
     */
    float[] among(Points points, int count, SplittableRandom random) {
        Source source = new Source() {
            @Override
            public float[] rows(int[] indices) {
                return Sample.rows(points, indices);
            }

            @Override
            public Points distinct(int wanted) {
                return Sample.distinct(points, wanted);
            }
        };
        return among(source, points.channels(), count, random);
    }

    /** As the other, for points in parts. */
    float[] among(PartedPoints points, SplittableRandom random) {
        Source source = new Source() {
            @Override
            public float[] rows(int[] indices) {
                return points.rows(indices);
            }

            @Override
            public Points distinct(int wanted) {
                List<float[]> rows = points.each(new Distinct(wanted)).stream()
                        .flatMap(Stream::of)
                        .toList();
                return Sample.distinct(Points.of(rows, points.channels()), wanted);
            }
        };
        return among(source, points.channels(), points.count(), random);
    }

    private float[] among(Source source, int channels, int count, SplittableRandom random) {
        int k = settings.clusters();
        int wanted = (int) Math.min(count, Math.max(SAMPLE, (long) SAMPLE_PER_CLUSTER * k));
        float[] sample = source.rows(Sample.indices(count, wanted, random));
        float[] centres = seed(Points.of(List.of(sample), channels), random);
        if (centres.length < k * channels) {
            centres = seed(source.distinct(wanted), random);
        }
        if (centres.length < k * channels) {
            throw KMeans.tooFew(centres.length / channels, settings);
        }
        return centres;
    }

    private float[] seed(Points sample, SplittableRandom random) {
        try (PointBlocks blocks = new PointBlocks(device, sample, settings.metric(), origin)) {
            return Seeding.centres(device, blocks, settings.clusters(), random);
        }
    }
}
