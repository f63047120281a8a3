package org.stegokernels.eval;

import org.stegokernels.eval.ConfusionMatrix.Count;

/**
 * How good one probe is on a set of images.
 *
 * @param matrix how many pixels of each class were predicted as what
 * @param matching which class each prediction stands for
 */
public record Scores(ConfusionMatrix matrix, ClusterMatching matching, Metrics metrics) {
    /** Of predictions that are classes. */
    public static Scores ofClasses(ConfusionMatrix matrix) {
        ClusterMatching matching = ClusterMatching.identity(matrix.classes());
        return new Scores(matrix, matching, Metrics.of(matrix, matching));
    }

    /**
     * Of clusters, under the matching that makes the most pixels right over the whole set.
     *
     * @param count by which the matrix was counted
     */
    public static Scores ofClusters(ConfusionMatrix matrix, Count count) {
        ClusterMatching matching = ClusterMatching.hungarian(matrix);
        Metrics metrics =
                count == Count.PUBLISHED ? Metrics.asPublished(matrix, matching) : Metrics.of(matrix, matching);
        return new Scores(matrix, matching, metrics);
    }
}
