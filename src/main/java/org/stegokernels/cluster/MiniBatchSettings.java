package org.stegokernels.cluster;

/**
 * How to run mini-batch k-means.
 *
 * @param clusters k
 * @param seed equal seeds give equal bits on the same device
 * @param passes how often each point is seen
 * @param batch points in a mini-batch
 */
public record MiniBatchSettings(int clusters, Metric metric, long seed, int passes, int batch) {
    public MiniBatchSettings {
        if (clusters < 1 || passes < 1 || batch < 1) {
            throw new IllegalArgumentException("mini-batch k-means needs at least 1 cluster, 1 pass and 1 point, not "
                    + clusters + ", " + passes + " and " + batch);
        }
    }
}
