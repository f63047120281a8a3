package org.stegokernels.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.device.Device;
import org.stegokernels.eval.FeatureEvaluator;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.HostTensor;

/**
 * Calls from a {@link Trainer} to others.
 *
 * @param models writes models
 * @param validation measures them, or null for never
 * @param listener is called after each step
 */
public record TrainingHooks(ModelWriter models, Validation validation, Listener listener) {
    /** Writes a model file with a head and probes. */
    @FunctionalInterface
    public interface ModelWriter {
        /**
         * Writes a file that appears whole or not at all.
         *
         * @param parts everything but the backbone, by the names of a model file
         * @param clusterToClass the class of each cluster, or empty if that is not known
         */
        void write(Path file, Map<String, HostTensor> parts, List<Integer> clusterToClass) throws IOException;
    }

    /** Measures a model in the midst of its training. */
    @FunctionalInterface
    public interface Validation extends AutoCloseable {
        /** Evaluates the modules as they are and changes nothing. Called on the device's thread. */
        Scores run(FeatureEvaluator.Modules modules);

        @Override
        default void close() {}

        /**
         * Returns a validation as the published training has it: without mirror images and CRF, every pixel counted. It takes
         * a few milliseconds an image.
         *
         * @param cache of labelled images; closed with the validation
         * @param classes of the labels
         */
        static Validation onFeatures(Device device, FeatureCache cache, int classes) {
            return new FeatureValidation(device, cache, classes);
        }
    }

    /**
     * Scores of the two probes; shares, not percentages.
     *
     * @param clusterToClass the class that each cluster stands for
     */
    public record Scores(
            double linearMeanIou,
            double linearAccuracy,
            double clusterMeanIou,
            double clusterAccuracy,
            List<Integer> clusterToClass) {
        public Scores {
            clusterToClass = List.copyOf(clusterToClass);
        }
    }

    /** Listener to the course of a training, on its thread. */
    public interface Listener {
        /** Called after each step; {@code step} of them are done. */
        void trained(int step, TrainingStep.Losses losses);

        /** Called at each validation, with labels or without. */
        void surveyed(int step, ClusterSurvey clusters);

        /**
         * Called after each validation with labels.
         *
         * @param best true if the clusters have not been as good before
         */
        void validated(int step, Scores scores, boolean best);
    }

    /**
     * Writes the trained parts as STEGO models that {@code segment} uses at once.
     *
     * @param backbone gives its backbone
     * @param classes of the labels; null if there are none, clusters then being classes themselves
     */
    public record ModelFiles(Stego backbone, TrainSettings settings, DatasetClasses classes) implements ModelWriter {
        private static final float ALPHA = ModelInfo.Settings.DEFAULT.alpha();

        @Override
        public void write(Path file, Map<String, HostTensor> parts, List<Integer> clusterToClass) throws IOException {
            ModelInfo.Settings before = backbone.info().settings();
            ModelInfo.Settings how = new ModelInfo.Settings(
                    settings.model().feature(),
                    settings.data().validationSize(),
                    ALPHA,
                    before.source(),
                    before.licence());
            boolean known = settings.model().extraClusters() == 0 || !clusterToClass.isEmpty();
            if (classes == null || !known) {
                Map<String, HostTensor> clustersOnly = new LinkedHashMap<>(parts);
                clustersOnly.keySet().removeIf(name -> name.startsWith("linear_probe."));
                save(file, new ModelInfo(List.of(), List.of(), List.of(), how, Map.of()), clustersOnly);
                return;
            }
            List<Integer> colours = IntStream.range(0, classes.count())
                    .mapToObj(classes.palette()::color)
                    .toList();
            save(file, new ModelInfo(classes.names(), colours, clusterToClass, how, Map.of()), parts);
        }

        private void save(Path file, ModelInfo info, Map<String, HostTensor> parts) throws IOException {
            AtomicFile.write(file, ModelFile.withParts(backbone, info, parts)::writeTo);
        }
    }
}
