package org.stegokernels.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.stegokernels.tensor.HostTensor;

/**
 * The parts of others that a {@link Trainer} calls.
 *
 * @param models writes models
 * @param validation measures them, or null for never
 * @param listener is told what happens
 */
public record TrainingHooks(ModelWriter models, Validation validation, Listener listener) {
    /** Writes a model file with a head and probes. */
    @FunctionalInterface
    public interface ModelWriter {
        /**
         * @param file is to appear whole or not at all
         * @param parts everything but the backbone, by the names of a model file
         * @param clusterToClass the class of each cluster, or empty if that is not known
         */
        void write(Path file, Map<String, HostTensor> parts, List<Integer> clusterToClass) throws IOException;
    }

    /** Is told what happens, on the training's thread. */
    public interface Listener {
        /** @param step steps done, from 1 */
        void trained(int step, StepLosses losses);

        /** Called at each validation, with labels or without. */
        void surveyed(int step, ClusterSurvey clusters);

        /** @param best whether it is the best so far */
        void validated(int step, Validation.Scores scores, boolean best);
    }
}
