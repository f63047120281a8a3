package org.stegokernels.cluster;

/** What makes two points close, and what the centre of a cluster is. */
public enum Metric {
    /** Squared Euclidean distance; a centre is the mean of its points. */
    EUCLIDEAN,
    /**
     * {@code 1 - cos} of the angle between two points (Dhillon and Modha 2001); lengths are ignored, a centre is the mean
     * direction of its points and has length 1. A point of length 0 is at distance 1 from everything.
     */
    COSINE
}
