package org.stegokernels.cluster;

/**
 * How to run k-means.
 *
 * @param clusters k
 * @param seed equal seeds give equal bits on the same device
 * @param maxIterations updates of the centres at most
 * @param tolerance stop when an update lowers the inertia by less than this part of it; with 0, only when no point
 *     changes its cluster
 * @param restarts independent runs, of which the one of lowest inertia is kept
 */
public record KMeansSettings(
        int clusters, Metric metric, long seed, int maxIterations, double tolerance, int restarts) {
    public KMeansSettings {
        if (clusters < 1 || maxIterations < 0 || !(tolerance >= 0) || restarts < 1) {
            throw new IllegalArgumentException("k-means needs at least 1 cluster, 0 iterations, tolerance 0 and 1 run,"
                    + " not " + clusters + ", " + maxIterations + ", " + tolerance + " and " + restarts);
        }
    }

    /** One run of at most 100 iterations, until an update gains less than 1e-4. */
    public static KMeansSettings of(int clusters, Metric metric, long seed) {
        return new KMeansSettings(clusters, metric, seed, 100, 1e-4, 1);
    }
}
