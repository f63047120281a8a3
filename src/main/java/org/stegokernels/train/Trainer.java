package org.stegokernels.train;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.device.Device;
import org.stegokernels.eval.FeatureEvaluator;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.knn.NeighborGraph;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.stego.SegmentationHead;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.text.Printable;
import org.stegokernels.train.TrainSettings.ObjectiveKind;
import org.stegokernels.train.TrainSettings.Source;
import org.stegokernels.train.loss.Objective;
import org.stegokernels.weights.ModelException;

/**
 * Trains a STEGO model (Hamilton et al. 2022, and its published train_segmentation.py) from given examples: the loop,
 * checkpoints, validation and metrics. On a CPU the same seed gives the same bits with every number of threads, and
 * whether it was stopped in between or not. One thread at a time, but for {@link #stop}.
 *
 * <p>In its folder it leaves {@link TrainingFolder#checkpoint} every {@link TrainSettings.Schedule#checkpointEvery} steps, when it
 * is stopped and at the end, {@link TrainingFolder#best} whenever a validation finds better clusters, {@link
 * TrainingFolder#last} and {@link TrainingFolder#consensus} at the end, and {@link TrainingFolder#metrics}.
 */
public final class Trainer implements AutoCloseable {
    private final Device device;
    private final TrainSettings settings;
    private final TrainingExamples examples;
    private final TrainingFolder folder;
    private final Hooks hooks;
    private final StepDraw.Source draws;
    private final TrainedParts parts;
    private final StepInputs inputs;
    private final Consensus consensus;
    /** Null for objectives without. */
    private final KeptProposals proposals;
    /** Clusters of the model whose head is used, {@code [M, D]}; null if there are none that fit. */
    private final HostTensor givenClusters;

    private volatile boolean stopped;
    private int step;
    private int validatedStep = -1;
    private int resumedStep = -1;
    private List<Integer> clusterToClass = List.of();
    private double secondsBefore;
    private double bestMeanIou = Checkpoint.NONE;
    private int bestStep;
    private long startNanos;

    /**
     * Prepares a training at its start.
     *
     * @param device the one that the examples compute on, if they do
     * @param examples not closed by this object
     * @param classes of the labels, or how many clusters to find without labels
     * @param lock of the folder for the results; not closed by this object
     * @throws org.stegokernels.knn.NeighborGraph.ImpossibleException if there are fewer than two images
     * @throws TrainingException.BadSettings if the settings don't fit the examples
     */
    public Trainer(
            Device device,
            TrainSettings settings,
            TrainingExamples examples,
            int classes,
            TrainingFolder.Lock lock,
            Hooks hooks) {
        this(device, settings, examples, classes, Map.of(), lock, hooks);
    }

    /**
     * As the other, for an objective that trains no head.
     *
     * @param given tensors of a model, by their names in its file: the head whose codes are looked at, without which it is the
     *     features, and clusters of these codes to start from, if there are
     */
    public Trainer(
            Device device,
            TrainSettings settings,
            TrainingExamples examples,
            int classes,
            Map<String, HostTensor> given,
            TrainingFolder.Lock lock,
            Hooks hooks) {
        if (!examples.hasLabels()
                && (settings.correspondence().trueLabels()
                        || settings.correspondence().salient())) {
            throw new TrainingException.BadSettings(
                    "use_true_labels and use_salience need labels, and there are none: set them to false");
        }
        TrainedParts.requireFit(settings, examples, given);
        this.device = device;
        this.settings = settings;
        this.examples = examples;
        this.folder = lock.folder();
        this.hooks = hooks;
        this.consensus = new Consensus(folder);
        StepInputs.requireRoom(settings, examples);
        NeighborGraph neighbours = NeighborGraph.build(
                device,
                examples.embeddings(),
                examples.channels(),
                settings.data().neighbours() + 1);
        this.draws = new StepDraw.Source(settings, neighbours);
        Map<String, HostTensor> head = new LinkedHashMap<>(given);
        head.keySet().retainAll(SegmentationHead.TENSORS);
        this.parts = new TrainedParts(device, settings, examples.channels(), classes, head, regions(classes));
        this.inputs = new StepInputs(device, settings, classes);
        boolean proposed = settings.objective() == ObjectiveKind.PRIMAPS;
        this.proposals = proposed
                ? new KeptProposals(
                        device,
                        new MaskProposals.Settings(
                                settings.masks().threshold(), settings.masks().coverage()),
                        examples,
                        parts)
                : null;
        HostTensor clusters = head.isEmpty() ? null : given.get(Objective.CLUSTERS);
        boolean fit = proposed
                && clusters != null
                && clusters.shape().equals(parts.clusters().shape());
        this.givenClusters = fit ? clusters : null;
    }

    private Objective.Regions regions(int classes) {
        return settings.objective() == ObjectiveKind.ADJACENCY
                ? AdjacencyStart.find(
                        device, settings, examples, classes + settings.model().extraClusters())
                : null;
    }

    /** Returns the steps that a folder's checkpoint has done; empty if there is none. */
    public static Optional<Integer> checkpointed(TrainingFolder folder) {
        return Files.exists(folder.checkpoint())
                ? Optional.of(Checkpoint.read(folder.checkpoint()).step())
                : Optional.empty();
    }

    /**
     * Returns the settings of a folder's checkpoint.
     *
     * @throws ModelException if there is none, or it is damaged
     */
    public static TrainSettings settingsOf(TrainingFolder folder) {
        return Checkpoint.read(folder.checkpoint()).settings();
    }

    /**
     * Finds out whether a training can go on after the checkpoint of a folder, before anything is computed.
     *
     * @param settings that it would go on with
     * @param identity of the examples, as {@link TrainingExamples#identity} gives it
     * @throws TrainingException.BadSettings if the checkpoint is of other settings or examples, or of a later step than the last one
     * @throws ModelException if there is none, or it is damaged
     */
    public static void requireResumable(TrainingFolder folder, TrainSettings settings, String identity) {
        resumable(folder.checkpoint(), settings, identity);
    }

    private static Checkpoint resumable(Path file, TrainSettings settings, String identity) {
        Checkpoint checkpoint = Checkpoint.read(file);
        if (checkpoint.step() > settings.schedule().steps()) {
            throw new TrainingException.BadSettings(
                    file + " is already at step " + checkpoint.step() + ": there is nothing to do up to" + " step "
                            + settings.schedule().steps() + " (max_steps)");
        }
        Source.difference(checkpoint.settings(), settings).ifPresent(difference -> {
            throw new TrainingException.BadSettings(file + " was trained with " + difference
                    + ": go on with the same settings, or start anew in another folder");
        });
        if (!checkpoint.identity().equals(identity)) {
            throw new TrainingException.BadSettings(file
                    + " was trained on other images, or with another backbone or precision of kept"
                    + " features (" + Printable.quoted(checkpoint.identity()) + ", not "
                    + Printable.quoted(identity) + "): go on with the same, or start anew in another folder");
        }
        return checkpoint;
    }

    /**
     * Continues after the folder's checkpoint.
     *
     * @throws TrainingException.BadSettings as {@link #requireResumable}
     * @throws ModelException if there is no checkpoint, or it is damaged
     */
    public void resume() {
        Path file = folder.checkpoint();
        Checkpoint checkpoint = resumable(file, settings, examples.identity());
        checkpoint.restore(file, parts);
        resumedStep = checkpoint.step();
        step = checkpoint.step();
        secondsBefore = checkpoint.seconds();
        bestMeanIou = checkpoint.bestMeanIou();
        bestStep = checkpoint.bestStep();
    }

    /**
     * Returns the step whose labels agree best with those of the other validated steps, which needs no labels of the images; empty if
     * there are fewer than three.
     */
    public Optional<Integer> consensusStep() {
        return consensus.step();
    }

    /** Returns the number of steps done. */
    public int step() {
        return step;
    }

    /** Ends {@link #run} after its present step, with a checkpoint. From any thread. */
    public void stop() {
        stopped = true;
    }

    /** Returns the number of images in a batch, B. */
    public int batch() {
        return draws.batch();
    }

    /**
     * Trains until the last step, until its patience is over, or until it is stopped.
     *
     * @return false if it was stopped
     * @throws TrainingException if a loss or parameter is not finite; the last checkpoint stays
     * @throws ModelException if that comes of the checkpoint that it went on from
     * @throws IOException if something can't be written; the last checkpoint stays
     */
    public boolean run() throws IOException {
        AtomicFile.write(
                folder.settings(), out -> out.write(Source.yaml(settings).getBytes(StandardCharsets.UTF_8)));
        consensus.resume(step, settings.schedule().validateEvery());
        if (step == 0 && startsFromCodes()) {
            startClusters();
        }
        startNanos = System.nanoTime();
        try (MetricsWriter metrics = new MetricsWriter(
                        folder.metrics(), settings.correspondence().loss(), step);
                BatchLoader loader = new BatchLoader(
                        settings, examples, draws, step, settings.schedule().steps())) {
            while (!done() && !stopped) {
                train(loader.next(), metrics);
                if (due(settings.schedule().validateEvery())) {
                    validate(metrics);
                }
                if (due(settings.schedule().checkpointEvery())) {
                    checkpoint();
                }
            }
            boolean done = done();
            if (done) {
                validate(metrics);
            }
            checkpoint();
            if (done) {
                hooks.models().write(folder.last(), parts.model(examples.hasLabels()), clusterToClass);
                writeConsensus();
            }
            return done;
        } catch (TrainingException e) {
            throw resumedStep >= 0 && step <= resumedStep + 1 ? badCheckpoint(e) : e;
        }
    }

    /** Returns the error of a checkpoint whose very next step failed. */
    private ModelException badCheckpoint(TrainingException cause) {
        return new ModelException(
                folder.checkpoint().toString(),
                null,
                "to go on from it ends at once: " + cause.problem(),
                Checkpoint.REMEDY,
                cause);
    }

    private boolean done() {
        int patience = settings.schedule().patience();
        return step >= settings.schedule().steps() || patience > 0 && consensus.since() >= patience;
    }

    private void writeConsensus() throws IOException {
        Optional<Consensus.Snapshot> snapshot = consensus.snapshot();
        if (snapshot.isPresent()) {
            hooks.models()
                    .write(
                            folder.consensus(),
                            snapshot.get().parts(),
                            snapshot.get().clusterToClass());
        }
    }

    private boolean due(int every) {
        return every > 0 && step % every == 0;
    }

    private void train(HostBatch host, MetricsWriter metrics) throws IOException {
        examples.complete(host);
        if (proposals != null) {
            proposals.complete(host);
        }
        TrainingStep.Batch batch = inputs.upload(host, examples);
        boolean watched = settings.objective() == ObjectiveKind.STEGO
                && settings.schedule().histogramsEvery() > 0
                && (step + 1) % settings.schedule().histogramsEvery() == 0;
        TrainingStep.Losses losses;
        if (watched) {
            try (SimilarityHistograms similarities = new SimilarityHistograms(
                    device, settings.correspondence().terms().pointwise(), SimilarityHistograms.PARTS)) {
                losses = parts.step().run(batch, similarities);
                step++;
                metrics.losses(step, seconds(), losses, similarities);
            }
        } else {
            losses = parts.step().run(batch);
            step++;
            if (due(settings.schedule().logEvery())) {
                metrics.losses(step, seconds(), losses, null);
            }
        }
        hooks.listener().trained(step, losses);
        if (step == settings.optimizer().resetProbesAfter()) {
            parts.resetProbes();
            if (startsFromCodes()) {
                startClusters();
            }
        }
    }

    private boolean startsFromCodes() {
        return settings.model().kmeansStart() || settings.objective() == ObjectiveKind.PRIMAPS;
    }

    private void startClusters() {
        if (givenClusters != null) {
            parts.startClusters(givenClusters.values());
            return;
        }
        parts.startClusters(ClusterStart.find(settings, examples, parts, draws.batch()));
    }

    private void validate(MetricsWriter metrics) throws IOException {
        if (validatedStep == step) {
            return;
        }
        validatedStep = step;
        parts.requireFinite(step);
        ClusterSurvey clusters = survey(examples);
        metrics.clusters(step, clusters);
        hooks.listener().surveyed(step, clusters);
        if (hooks.validation() != null) {
            measure(metrics);
        }
        consensus.add(
                new Consensus.Snapshot(step, parts.model(examples.hasLabels()), clusterToClass), clusters.labels());
    }

    private void measure(MetricsWriter metrics) throws IOException {
        Hooks.Scores scores = hooks.validation().run(parts.evaluated());
        clusterToClass = scores.clusterToClass();
        boolean best = scores.clusterMeanIou() > bestMeanIou;
        if (best) {
            hooks.models().write(folder.best(), parts.model(examples.hasLabels()), clusterToClass);
            bestMeanIou = scores.clusterMeanIou();
            bestStep = step;
        }
        metrics.validation(step, scores);
        hooks.listener().validated(step, scores, best);
    }

    private void checkpoint() throws IOException {
        new Checkpoint(step, settings, examples.identity(), seconds(), bestMeanIou, bestStep)
                .write(folder.checkpoint(), parts);
    }

    private double seconds() {
        return secondsBefore + (System.nanoTime() - startNanos) / 1e9;
    }

    /** Surveys how the clusters, as they are, divide up to 64 examples. */
    public ClusterSurvey survey(TrainingExamples looked) {
        return ClusterSurvey.of(looked, parts);
    }

    TrainedParts parts() {
        return parts;
    }

    @Override
    public void close() {
        parts.close();
        inputs.close();
        if (proposals != null) {
            proposals.close();
        }
    }

    /**
     * Calls from a {@link Trainer} to others.
     *
     * @param models writes models
     * @param validation measures them, or null for never
     * @param listener is called after each step
     */
    public record Hooks(ModelWriter models, Validation validation, Listener listener) {
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
            /** Copies the list. */
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
        public record ModelFiles(Stego backbone, TrainSettings settings, DatasetClasses classes)
                implements ModelWriter {
            @Override
            public void write(Path file, Map<String, HostTensor> parts, List<Integer> clusterToClass)
                    throws IOException {
                ModelInfo.Settings before = backbone.info().settings();
                ModelInfo.Settings how = new ModelInfo.Settings(
                        settings.model().feature(),
                        settings.data().validationSize(),
                        parts.containsKey("cluster1.0.weight")
                                ? ModelInfo.Settings.DEFAULT.alpha()
                                : ModelFile.alphaOfClusters(backbone, false),
                        before.source(),
                        before.licence(),
                        before.views());
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
}
