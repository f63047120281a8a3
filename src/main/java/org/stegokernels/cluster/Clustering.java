package org.stegokernels.cluster;

/**
 * What k-means found.
 *
 * @param channels C
 * @param centroids {@code [k, C]}; of length 1 for {@link Metric#COSINE}
 * @param inertia sum over all points of the distance ({@link Metric}) to the nearest centroid
 * @param counts {@code [k]}: points nearest to each centroid
 * @param iterations updates of the centroids until they stayed
 */
public record Clustering(int channels, float[] centroids, double inertia, int[] counts, int iterations) {}
