package org.stegokernels.train;

import java.util.List;

/** Measures a model in the midst of its training. */
@FunctionalInterface
public interface Validation {
    /** Looks at the trained parts as they are; changes nothing. Called on the device's thread. */
    Scores run(TrainedParts parts);

    /**
     * How good the two probes are; shares, not percentages.
     *
     * @param clusterToClass the class that each cluster stands for
     */
    record Scores(
            double linearMeanIou,
            double linearAccuracy,
            double clusterMeanIou,
            double clusterAccuracy,
            List<Integer> clusterToClass) {
        public Scores {
            clusterToClass = List.copyOf(clusterToClass);
        }
    }
}
