package org.stegokernels.eval;

import java.util.Arrays;

/**
 * How good predictions are under a matching with the classes; shares, not percentages.
 *
 * @param matrix how many pixels of each class were predicted as what
 * @param matching which class each prediction stands for
 * @param meanIou mean of the intersections over union of the classes that occur at all; NaN if none does
 * @param accuracy share of the pixels that are right; NaN if there are none
 * @param iou of each class: pixels that are it and predicted as it, over those that are either; NaN if there are none
 */
public record Scores(ConfusionMatrix matrix, ClusterMatching matching, double meanIou, double accuracy, double[] iou) {
    /** Scores predictions that are classes already: those of a linear probe. */
    public static Scores ofClasses(ConfusionMatrix matrix) {
        return of(matrix, ClusterMatching.identity(matrix.classes()));
    }

    /**
     * Scores clusters under the matching that makes the most pixels right over the whole set.
     *
     * @param count by which the matrix was counted
     */
    public static Scores ofClusters(ConfusionMatrix matrix, ConfusionMatrix.Count count) {
        ClusterMatching matching = ClusterMatching.hungarian(matrix);
        return count == ConfusionMatrix.Count.PUBLISHED ? asPublished(matrix, matching) : of(matrix, matching);
    }

    /** Counts pixels of a cluster that stands for no class as wrong: they are in the union of the class they are of. */
    public static Scores of(ConfusionMatrix matrix, ClusterMatching matching) {
        int classes = matrix.classes();
        long[] right = new long[classes];
        long[] predicted = new long[classes];
        for (int prediction = 0; prediction < matrix.predictions(); prediction++) {
            int label = matching.classOf()[prediction];
            if (label != ClusterMatching.NONE) {
                right[label] += matrix.count(prediction, label);
                predicted[label] += matrix.predicted(prediction);
            }
        }
        double[] iou = new double[classes];
        for (int label = 0; label < classes; label++) {
            iou[label] = (double) right[label] / (predicted[label] + matrix.labelled(label) - right[label]);
        }
        double all = Arrays.stream(predicted).sum() + unmatched(matrix, matching);
        return new Scores(matrix, matching, mean(iou), Arrays.stream(right).sum() / all, iou);
    }

    /**
     * Scores as the published code does with extra clusters: pixels of unmatched clusters, if there are any, form one more
     * class with an intersection over union of 0. Meant for counts of {@link ConfusionMatrix#addAsPublished}.
     */
    public static Scores asPublished(ConfusionMatrix matrix, ClusterMatching matching) {
        Scores scores = of(matrix, matching);
        if (unmatched(matrix, matching) == 0) {
            return scores;
        }
        double[] withOthers = Arrays.copyOf(scores.iou, scores.iou.length + 1);
        return new Scores(matrix, matching, mean(withOthers), scores.accuracy, scores.iou);
    }

    /** Returns the pixels of clusters that stand for no class. */
    private static long unmatched(ConfusionMatrix matrix, ClusterMatching matching) {
        long pixels = 0;
        for (int prediction = 0; prediction < matrix.predictions(); prediction++) {
            pixels += matching.classOf()[prediction] == ClusterMatching.NONE ? matrix.predicted(prediction) : 0;
        }
        return pixels;
    }

    private static double mean(double[] iou) {
        return Arrays.stream(iou).filter(Double::isFinite).average().orElse(Double.NaN);
    }
}
