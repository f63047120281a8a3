package org.stegokernels.eval;

import java.util.Arrays;

/**
 * How good predictions are under a matching; shares, not percentages.
 *
 * @param meanIou mean of the intersections over union of the classes that occur at all; NaN if none does
 * @param accuracy share of the pixels that are right; NaN if there are none
 * @param iou of each class: pixels that are it and predicted as it, over those that are either; NaN if there are none
 */
public record Metrics(double meanIou, double accuracy, double[] iou) {
    /** Pixels of a cluster that stands for no class are wrong: they count in the union of the class they are of. */
    public static Metrics of(ConfusionMatrix matrix, ClusterMatching matching) {
        int classes = matrix.classes();
        long[] right = new long[classes];
        long[] predicted = new long[classes];
        long unmatched = 0;
        for (int prediction = 0; prediction < matrix.predictions(); prediction++) {
            int label = matching.classOf()[prediction];
            if (label == ClusterMatching.NONE) {
                unmatched += matrix.predicted(prediction);
            } else {
                right[label] += matrix.count(prediction, label);
                predicted[label] += matrix.predicted(prediction);
            }
        }
        double[] iou = new double[classes];
        for (int label = 0; label < classes; label++) {
            iou[label] = (double) right[label] / (predicted[label] + matrix.labelled(label) - right[label]);
        }
        double all = Arrays.stream(predicted).sum() + unmatched;
        return new Metrics(mean(iou), Arrays.stream(right).sum() / all, iou);
    }

    /**
     * The published count with extra clusters: pixels of unmatched clusters, if there are any, form one more class with an
     * intersection over union of 0. Meant for counts of {@link ConfusionMatrix#addAsPublished}.
     */
    public static Metrics asPublished(ConfusionMatrix matrix, ClusterMatching matching) {
        Metrics metrics = of(matrix, matching);
        long unmatched = 0;
        for (int prediction = 0; prediction < matrix.predictions(); prediction++) {
            if (matching.classOf()[prediction] == ClusterMatching.NONE) {
                unmatched += matrix.predicted(prediction);
            }
        }
        if (unmatched == 0) {
            return metrics;
        }
        double[] withOthers = Arrays.copyOf(metrics.iou, metrics.iou.length + 1);
        return new Metrics(mean(withOthers), metrics.accuracy, metrics.iou);
    }

    private static double mean(double[] iou) {
        return Arrays.stream(iou).filter(Double::isFinite).average().orElse(Double.NaN);
    }
}
