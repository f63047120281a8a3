package org.stegokernels.eval;

import java.io.Serializable;
import org.stegokernels.image.LabelMap;

/**
 * Counts of pixels by their class and by what they were predicted as. There may be more predictions than classes (extra clusters).
 * Pixels whose label is no class are not counted.
 */
public final class ConfusionMatrix implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int predictions;
    private final int classes;
    private final long[] counts;

    /** The treatment of pixels in extra clusters, of which a model may have more than there are classes. */
    public enum Count {
        /** They are wrong: their cluster stands for no class. */
        ALL,
        /**
         * As the published code counts: pixels of clusters from the number of classes on are dropped before the matching, and
         * what the matching leaves over is a class of its own. Only for comparison with published figures.
         */
        PUBLISHED
    }

    /**
     * Makes an empty matrix.
     *
     * @param predictions kinds of predictions, at least as many as classes
     */
    public ConfusionMatrix(int predictions, int classes) {
        if (classes < 1 || predictions < classes) {
            throw new IllegalArgumentException(predictions + " predictions for " + classes + " classes");
        }
        this.predictions = predictions;
        this.classes = classes;
        this.counts = new long[predictions * classes];
    }

    /** Returns the number of different predictions, the rows. */
    public int predictions() {
        return predictions;
    }

    /** Returns the number of classes, the columns. */
    public int classes() {
        return classes;
    }

    /** Returns the pixels of class {@code label} that were predicted as {@code prediction}. */
    public long count(int prediction, int label) {
        return counts[prediction * classes + label];
    }

    /** Returns the pixels predicted as {@code prediction}, of whatever class. */
    public long predicted(int prediction) {
        long sum = 0;
        for (int label = 0; label < classes; label++) {
            sum += count(prediction, label);
        }
        return sum;
    }

    /** Pixels of class {@code label}, predicted as whatever. */
    public long labelled(int label) {
        long sum = 0;
        for (int prediction = 0; prediction < predictions; prediction++) {
            sum += count(prediction, label);
        }
        return sum;
    }

    /**
     * Counts pixels; labels that are no class are passed over.
     *
     * @throws IllegalArgumentException if the lengths differ or a prediction is not in 0..predictions-1
     */
    public void add(int[] predicted, int[] labels) {
        requireSameLength(predicted.length, labels.length);
        for (int i = 0; i < labels.length; i++) {
            add(predicted[i], labels[i], Count.ALL, i);
        }
    }

    /**
     * Counts pixels as the published code does: those predicted as an extra cluster, from {@code classes} on, are dropped,
     * so that a model looks better the more of an image it puts there. Only for comparison with published figures.
     */
    public void addAsPublished(int[] predicted, int[] labels) {
        requireSameLength(predicted.length, labels.length);
        for (int i = 0; i < labels.length; i++) {
            add(predicted[i], labels[i], Count.PUBLISHED, i);
        }
    }

    /**
     * Counts the pixels of an image.
     *
     * @throws IllegalArgumentException if the sizes differ or a prediction is not in 0..predictions-1
     */
    public void add(LabelMap predicted, LabelMap labels, Count count) {
        if (predicted.width() != labels.width() || predicted.height() != labels.height()) {
            throw new IllegalArgumentException("predictions of " + predicted.width() + "x" + predicted.height()
                    + " pixels for labels of " + labels.width() + "x" + labels.height());
        }
        byte[] guesses = predicted.labels();
        byte[] truths = labels.labels();
        for (int i = 0; i < truths.length; i++) {
            add(guesses[i] & 0xFF, truths[i] & 0xFF, count, i);
        }
    }

    private void add(int prediction, int label, Count count, int pixel) {
        if (label < 0 || label >= classes) {
            return;
        }
        boolean extra = count == Count.PUBLISHED && prediction >= classes;
        if (!extra && (prediction < 0 || prediction >= predictions)) {
            throw new IllegalArgumentException(
                    "prediction " + prediction + " of pixel " + pixel + " is not in 0.." + (predictions - 1));
        }
        if (!extra) {
            counts[prediction * classes + label]++;
        }
    }

    /** Adds the counts of another matrix of the same size. */
    public void add(ConfusionMatrix other) {
        if (other.predictions != predictions || other.classes != classes) {
            throw new IllegalArgumentException(
                    other.predictions + " x " + other.classes + " counts to add to " + predictions + " x " + classes);
        }
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
    }

    private static void requireSameLength(int predicted, int labels) {
        if (predicted != labels) {
            throw new IllegalArgumentException(predicted + " predictions for " + labels + " labels");
        }
    }
}
