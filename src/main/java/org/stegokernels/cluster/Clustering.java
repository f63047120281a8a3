package org.stegokernels.cluster;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.stegokernels.device.Device;

/**
 * A result of k-means.
 *
 * @param channels C
 * @param centroids {@code [k, C]}; of length 1 for {@link Metric#COSINE}
 * @param inertia sum over all points of the distance ({@link Metric}) to the nearest centroid
 * @param counts {@code [k]}: points nearest to each centroid
 * @param iterations updates of the centroids until they stayed
 */
public record Clustering(int channels, float[] centroids, double inertia, int[] counts, int iterations) {
    /** The points can't be clustered as asked. The message says which and why. */
    public static class ImpossibleException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public ImpossibleException(String message) {
            super(message);
        }
    }

    /** The distance of two points, and with it the centre of a cluster. */
    public enum Metric {
        /** Squared Euclidean distance; a centre is the mean of its points. */
        EUCLIDEAN,
        /**
         * {@code 1 - cos} of the angle between two points (Dhillon and Modha 2001); lengths are ignored, a centre is the mean
         * direction of its points and has length 1. A point of length 0 is at distance 1 from everything.
         */
        COSINE
    }

    /**
     * Points to cluster, in host memory and in chunks: the features of one image, say, are one. Chunks are asked for many
     * times, in order, and must not change.
     */
    public interface Points {
        /** Returns the number of values in each point, C. */
        int channels();

        /** Returns the number of chunks. */
        int chunks();

        /** Returns chunk {@code index}, {@code [n, C]}, n as it likes. */
        float[] chunk(int index);

        /** @throws IllegalArgumentException if the length of a chunk is no multiple of {@code channels} */
        static Points of(List<float[]> chunks, int channels) {
            if (channels < 1) {
                throw new IllegalArgumentException("points need at least one channel, not " + channels);
            }
            List<float[]> copy = List.copyOf(chunks);
            for (int i = 0; i < copy.size(); i++) {
                if (copy.get(i).length % channels != 0) {
                    throw new IllegalArgumentException("chunk " + i + " has " + copy.get(i).length
                            + " values, not a multiple of " + channels + " channels");
                }
            }
            return new Points() {
                @Override
                public int channels() {
                    return channels;
                }

                @Override
                public int chunks() {
                    return copy.size();
                }

                @Override
                public float[] chunk(int index) {
                    return copy.get(index);
                }
            };
        }
    }

    /**
     * Points to cluster that lie in parts, on several machines perhaps, in a fixed order. None is empty.
     */
    public interface PartedPoints {
        /** Returns the number of values in each point, C. */
        int channels();

        /** Returns the number of all points. */
        int count();

        /** Returns copies of some points, {@code [n, C]}, by their indices among all, in rising order. */
        float[] rows(int[] indices);

        /**
         * Does something with each part.
         *
         * @return the results in the order of the parts, whatever the order in which they end
         */
        <T extends Serializable> List<T> each(Task<T> task);

        /** Something to do with a part, where it lies. */
        interface Task<T extends Serializable> extends Serializable {
            /**
             * @param device that no one else uses meanwhile
             * @param part one chunk or more
             * @param first index of its first point among all
             */
            T run(Device device, Points part, int first);
        }
    }

    /** Returns the clusters in the order of their counts, the first of equal ones first. */
    public Clustering largestFirst() {
        int[] order = IntStream.range(0, counts.length)
                .boxed()
                .sorted(Comparator.comparingInt((Integer cluster) -> -counts[cluster]))
                .mapToInt(Integer::intValue)
                .toArray();
        float[] sorted = new float[centroids.length];
        int[] sizes = new int[counts.length];
        for (int i = 0; i < order.length; i++) {
            System.arraycopy(centroids, order[i] * channels, sorted, i * channels, channels);
            sizes[i] = counts[order[i]];
        }
        return new Clustering(channels, sorted, inertia, sizes, iterations);
    }
}
