package org.stegokernels.cluster;

import java.io.Serializable;
import java.util.Arrays;
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

        /** Makes one whose message says why. */
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

        /**
         * Returns points in chunks of whole points.
         *
         * @throws IllegalArgumentException if the length of a chunk is no multiple of {@code channels}
         */
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
             * Does the work on a part of the points.
             *
             * @param device that no one else uses meanwhile
             * @param part one chunk or more
             * @param first index of its first point among all
             */
            T run(Device device, Points part, int first);
        }
    }

    /**
     * Contact of clusters in images, by which clusters are merged: agglomerative clustering on a region adjacency graph. k-means
     * cuts a large thing such as a road where its features change with their place in the image; the pieces touch each
     * other, and are alike where they do. One thread at a time.
     *
     * <p>Two patches of one image at most {@link #RADIUS} of its shorter side apart are a pair. With C[a, b] pairs between
     * clusters a and b, S[a, b] their mean cosine, and P[a] the sum of C[a, b] over all b but a, those two are merged
     * whose {@code S[a, b] cbrt(C[a, b] / min(P[a], P[b]))} is largest, until as many are left as are wanted.
     */
    public static final class Adjacency {
        /** The longest distance within a pair, as a part of the shorter side of the grid of patches; at least one patch. */
        private static final double RADIUS = 0.2;
        /** Comes after all pairs that touch. */
        private static final double APART = -2;

        private final int clusters;
        private final double[][] contacts;
        private final double[][] cosines;

        /** Begins without any pair. */
        public Adjacency(int clusters) {
            this.clusters = clusters;
            contacts = new double[clusters][clusters];
            cosines = new double[clusters][clusters];
        }

        /**
         * Adds the pairs of an image.
         *
         * @param labels {@code [rows, columns]}: the cluster of each patch
         * @param similarities {@code [rows * columns, rows * columns]}: cosines of the patches' features, from which the mean
         *     of all images was subtracted: else everything is alike
         */
        public void add(int rows, int columns, int[] labels, float[] similarities) {
            int radius = Math.max(1, (int) Math.round(RADIUS * Math.min(rows, columns)));
            for (int down = 0; down <= radius; down++) {
                for (int right = -radius; right <= radius; right++) {
                    boolean counted = down == 0 && right <= 0;
                    if (!counted && down * down + right * right <= radius * radius) {
                        addPairs(rows, columns, down, right, labels, similarities);
                    }
                }
            }
        }

        private void addPairs(int rows, int columns, int down, int right, int[] labels, float[] similarities) {
            int patches = rows * columns;
            for (int row = 0; row + down < rows; row++) {
                for (int column = Math.max(0, -right); column < columns - Math.max(0, right); column++) {
                    int patch = row * columns + column;
                    int other = patch + down * columns + right;
                    int a = labels[patch];
                    int b = labels[other];
                    double cosine = similarities[patch * patches + other];
                    contacts[a][b]++;
                    contacts[b][a]++;
                    cosines[a][b] += cosine;
                    cosines[b][a] += cosine;
                }
            }
        }

        /**
         * Merges clusters.
         *
         * @param classes how many are to be left, at least 1
         * @return {@code [clusters]}: the class of each, 0 for that of the first cluster and so on
         */
        public int[] merge(int classes) {
            double[][] count = copy(contacts);
            double[][] sum = copy(cosines);
            int[] into = IntStream.range(0, clusters).toArray();
            int[] left = into.clone();
            while (left.length > classes) {
                int[] pair = nearest(count, sum, left);
                int kept = pair[0];
                int gone = pair[1];
                for (int c = 0; c < clusters; c++) {
                    count[kept][c] += count[gone][c];
                    sum[kept][c] += sum[gone][c];
                }
                for (int c = 0; c < clusters; c++) {
                    count[c][kept] += count[c][gone];
                    sum[c][kept] += sum[c][gone];
                }
                for (int c = 0; c < clusters; c++) {
                    into[c] = into[c] == gone ? kept : into[c];
                }
                left = IntStream.of(left).filter(c -> c != gone).toArray();
            }
            int[] kept = left;
            return IntStream.of(into).map(c -> Arrays.binarySearch(kept, c)).toArray();
        }

        private static double[][] copy(double[][] matrix) {
            return Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
        }

        /** Returns the pair to merge, the smaller index first; of equal ones the first pair. */
        private static int[] nearest(double[][] count, double[][] sum, int[] left) {
            double[] outside = new double[count.length];
            for (int a : left) {
                for (int b : left) {
                    outside[a] += a == b ? 0 : count[a][b];
                }
            }
            double best = Double.NEGATIVE_INFINITY;
            int[] pair = new int[2];
            for (int i = 0; i < left.length; i++) {
                for (int j = i + 1; j < left.length; j++) {
                    int a = left[i];
                    int b = left[j];
                    double contact = count[a][b];
                    double link = contact == 0
                            ? APART
                            : sum[a][b] / contact * Math.cbrt(contact / Math.min(outside[a], outside[b]));
                    if (link > best) {
                        best = link;
                        pair = new int[] {a, b};
                    }
                }
            }
            return pair;
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
