/**
 * Clustering of features on a device: k-means, started by k-means++.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.cluster;
