/** Clustering of features on a device: k-means, started by k-means++. */
package org.stegokernels.cluster;
