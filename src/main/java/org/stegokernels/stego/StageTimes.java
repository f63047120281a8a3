package org.stegokernels.stego;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Wall-clock time by stage, summed over all images. Safe for use from many threads; overlapping stages each count. */
public final class StageTimes {
    private final Map<Stage, Long> nanos = new LinkedHashMap<>();

    /** The stages of a run, from the model's file to the results. */
    public enum Stage {
        /** Loading the model. */
        MODEL,
        /** Reading a photograph. */
        DECODE,
        /** Bringing it to the size that the model sees. */
        RESIZE,
        /** Features of the patches, and the head's codes. */
        BACKBONE,
        /** k-means over the patches of all images. */
        CLUSTER,
        /** Probabilities of the classes. */
        CLASSIFY,
        /** Sharpening of the borders, or a softmax in its place. */
        CRF,
        /** The most likely class of each pixel. */
        LABELS,
        /** Comparison of predictions with labels. */
        COUNT,
        /** Matching of clusters with classes, and the metrics. */
        SCORE,
        /** Encoding and writing of the results. */
        WRITE;

        private final String label = name().toLowerCase(Locale.ROOT);

        /** Returns the name in reports and JSON. */
        public String label() {
            return label;
        }
    }

    /** Adds the time since {@code startNanos}, as {@link System#nanoTime()} gave it, to a stage. */
    public synchronized void add(Stage stage, long startNanos) {
        nanos.merge(stage, System.nanoTime() - startNanos, Long::sum);
    }

    /** Returns seconds by stage, in the order in which they first ran. */
    public synchronized Map<Stage, Double> seconds() {
        Map<Stage, Double> seconds = new LinkedHashMap<>();
        nanos.forEach((stage, time) -> seconds.put(stage, time / 1e9));
        return seconds;
    }
}
