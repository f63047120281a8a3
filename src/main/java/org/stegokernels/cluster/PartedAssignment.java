package org.stegokernels.cluster;

import java.io.Serializable;
import java.util.List;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.PartedPoints;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.device.Device;
import org.stegokernels.io.Sha256;

/**
 * Points in parts and their nearest centres. Sums of the parts are added in the order of the parts, so the bits depend on the
 * parts alone; with one part they are those of {@link BlockAssignment}. Parts remember nothing: that no point has moved shows
 * by digests of their clusters.
 */
final class PartedAssignment implements Lloyd.Assignable {
    private final PartedPoints points;
    private final Metric metric;
    private final int k;
    private final float[] origin;
    private List<String> digests = List.of();

    PartedAssignment(PartedPoints points, Metric metric, int k, float[] origin) {
        this.points = points;
        this.metric = metric;
        this.k = k;
        this.origin = origin;
    }

    /** Sums of one part. */
    private record Part(float[] sums, int[] counts, String digest) implements Serializable {}

    /** Does something with the blocks of a part. */
    private interface OnBlocks<T extends Serializable> extends Serializable {
        T run(BlockAssignment assignment);
    }

    private record BlockTask<T extends Serializable>(Metric metric, int k, float[] origin, OnBlocks<T> work)
            implements PartedPoints.Task<T> {
        @Override
        public T run(Device device, Points part, int first) {
            try (PointBlocks blocks = new PointBlocks(device, part, metric, origin);
                    BlockAssignment assignment = new BlockAssignment(device, blocks, metric, k)) {
                return work.run(assignment);
            }
        }
    }

    /** Returns the sums of the points of each part, {@code [C]}. */
    private record Sums(Metric metric, float[] origin) implements PartedPoints.Task<float[]> {
        @Override
        public float[] run(Device device, Points part, int first) {
            try (PointBlocks blocks = new PointBlocks(device, part, metric, origin)) {
                return blocks.sum();
            }
        }
    }

    /** Returns the sum of all points. */
    static float[] sum(PartedPoints points, Metric metric) {
        float[] sum = new float[points.channels()];
        points.each(new Sums(metric, new float[points.channels()])).forEach(part -> add(part, sum));
        return sum;
    }

    static void add(float[] part, float[] sum) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += part[i];
        }
    }

    static void add(int[] part, int[] sum) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += part[i];
        }
    }

    private <T extends Serializable> List<T> each(OnBlocks<T> work) {
        return points.each(new BlockTask<>(metric, k, origin, work));
    }

    @Override
    public int channels() {
        return points.channels();
    }

    @Override
    public double ownDistances() {
        return each(BlockAssignment::ownDistances).stream().reduce(0.0, Double::sum);
    }

    @Override
    public Lloyd.Tally assign(float[] centroids) {
        List<Part> parts = each(assignment -> {
            Lloyd.Tally tally = assignment.assign(centroids);
            return new Part(tally.sums(), tally.counts(), digest(assignment.labels()));
        });
        float[] sums = new float[k * channels()];
        int[] counts = new int[k];
        for (Part part : parts) {
            add(part.sums, sums);
            add(part.counts, counts);
        }
        List<String> now = parts.stream().map(Part::digest).toList();
        boolean moved = !now.equals(digests);
        digests = now;
        return new Lloyd.Tally(sums, counts, moved);
    }

    private static String digest(int[] labels) {
        Sha256 digest = new Sha256();
        byte[] bytes = new byte[labels.length];
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            for (int i = 0; i < labels.length; i++) {
                bytes[i] = (byte) (labels[i] >> shift);
            }
            digest.write(bytes, 0, bytes.length);
        }
        return digest.hex();
    }

    @Override
    public Lloyd.Farthest farthest(float[] centroids, int wanted) {
        Lloyd.Farthest farthest = Lloyd.Farthest.none(wanted, channels());
        each(assignment -> assignment.farthest(centroids, wanted)).forEach(farthest::insertAll);
        return farthest;
    }
}
