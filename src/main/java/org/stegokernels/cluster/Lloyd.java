package org.stegokernels.cluster;

import java.io.Serializable;
import java.util.Arrays;
import org.stegokernels.cluster.Clustering.Metric;

/** Lloyd's iterations over points wherever they are: all that is done with the sums of the clusters. */
final class Lloyd {
    private final Assignable points;
    private final KMeans.Settings settings;
    private final int k;
    private final int channels;

    /** Points that can be given their nearest centres, wherever they are. */
    interface Assignable {
        int channels();

        /** Returns the sum over all points of their own part of the distance: the squared length, or 1. */
        double ownDistances();

        /** Finds the nearest of the centroids, {@code [k, C]}, for each point. */
        Tally assign(float[] centroids);

        /** Returns the points farthest from the nearest of the centroids, the farthest first, of equal ones the first. */
        Farthest farthest(float[] centroids, int wanted);
    }

    /**
     * Sums over the points of each cluster.
     *
     * @param sums {@code [k, C]}
     * @param counts {@code [k]}
     * @param moved whether a point has another cluster than at the last time
     */
    record Tally(float[] sums, int[] counts, boolean moved) {}

    /**
     * Points far from their centres, the farthest first.
     *
     * @param distances falling, {@code -Infinity} where there are no more points
     * @param points {@code [n, C]}
     */
    record Farthest(double[] distances, float[] points) implements Serializable {
        static Farthest none(int wanted, int channels) {
            double[] distances = new double[wanted];
            Arrays.fill(distances, Double.NEGATIVE_INFINITY);
            return new Farthest(distances, new float[wanted * channels]);
        }

        /** Takes in a point if it is farther than the nearest of these. */
        void insert(double distance, float[] x, int row) {
            int channels = points.length / distances.length;
            int place = distances.length;
            while (place > 0 && distance > distances[place - 1]) {
                place--;
            }
            if (place == distances.length) {
                return;
            }
            int moved = distances.length - 1 - place;
            System.arraycopy(distances, place, distances, place + 1, moved);
            System.arraycopy(points, place * channels, points, (place + 1) * channels, moved * channels);
            distances[place] = distance;
            System.arraycopy(x, row * channels, points, place * channels, channels);
        }

        /** Takes in points that come after all of these. */
        void insertAll(Farthest later) {
            for (int i = 0; i < later.distances.length; i++) {
                insert(later.distances[i], later.points, i);
            }
        }
    }

    Lloyd(Assignable points, KMeans.Settings settings) {
        this.points = points;
        this.settings = settings;
        this.k = settings.clusters();
        this.channels = points.channels();
    }

    /** Iterates from the given centres, {@code [k, C]}, to the end; centroids are relative to the origin of the points. */
    Clustering run(float[] start) {
        float[] centroids = start.clone();
        double ownDistances = points.ownDistances();
        double previous = Double.POSITIVE_INFINITY;
        for (int iteration = 0; ; iteration++) {
            Tally tally = points.assign(centroids);
            double inertia = inertia(ownDistances, centroids, tally);
            boolean moved = iteration == 0 || tally.moved;
            boolean settled = !moved || settings.tolerance() > 0 && previous - inertia < settings.tolerance() * inertia;
            if (settled || iteration == settings.maxIterations()) {
                return new Clustering(channels, centroids, inertia, tally.counts.clone(), iteration);
            }
            previous = inertia;
            centroids = updated(centroids, tally);
        }
    }

    /**
     * Returns the sum of the distances, from the sums of the clusters alone: {@code sum |x|^2 - sum_c (2 c S_c - n_c
     * |c|^2)}.
     */
    private double inertia(double ownDistances, float[] centroids, Tally tally) {
        double inertia = ownDistances;
        for (int c = 0; c < k; c++) {
            double product = 0;
            for (int i = c * channels; i < (c + 1) * channels; i++) {
                product += (double) centroids[i] * tally.sums[i];
            }
            if (settings.metric() == Metric.COSINE) {
                inertia -= product;
            } else {
                double length = PointBlocks.squaredLength(centroids, c * channels, channels);
                inertia -= 2 * product - tally.counts[c] * length;
            }
        }
        return Math.max(0, inertia);
    }

    private float[] updated(float[] centroids, Tally tally) {
        float[] next = new float[k * channels];
        int empty = 0;
        for (int c = 0; c < k; c++) {
            empty += tally.counts[c] == 0 ? 1 : 0;
            double size = settings.metric() == Metric.COSINE
                    ? Math.sqrt(PointBlocks.squaredLength(tally.sums, c * channels, channels))
                    : tally.counts[c];
            for (int i = c * channels; i < (c + 1) * channels; i++) {
                next[i] = size > 0 ? (float) (tally.sums[i] / size) : centroids[i];
            }
        }
        if (empty > 0) {
            fillEmpty(centroids, tally, next, empty);
        }
        return next;
    }

    /** Gives each empty cluster one of the points farthest from their centres, the farthest first. */
    private void fillEmpty(float[] centroids, Tally tally, float[] next, int empty) {
        float[] farthest = points.farthest(centroids, empty).points;
        int taken = 0;
        for (int c = 0; c < k; c++) {
            if (tally.counts[c] == 0) {
                System.arraycopy(farthest, taken++ * channels, next, c * channels, channels);
            }
        }
    }
}
