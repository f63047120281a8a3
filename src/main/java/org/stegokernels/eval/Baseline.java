package org.stegokernels.eval;

import org.stegokernels.cluster.Clustering.Metric;

/** What is known of patches before anything is learned: what k-means is run on in the first row of every comparison. */
public enum Baseline {
    /** Features of the backbone, compared by their angle. */
    KMEANS(Metric.COSINE),
    /** Mean colour: what a segmentation gets for nothing. */
    RGB(Metric.EUCLIDEAN);

    private final Metric metric;

    Baseline(Metric metric) {
        this.metric = metric;
    }

    Metric metric() {
        return metric;
    }
}
