package org.stegokernels.train;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.stegokernels.device.Device;
import org.stegokernels.device.GrowingBuffer;
import org.stegokernels.knn.NeighborGraph;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.CorrespondenceLoss.Term;

/**
 * Proposes the shifts of the correspondence loss for a dataset and a backbone.
 *
 * <p>A pair of points whose centred feature similarity fd is above the shift b is pulled together with the force fd - b,
 * one below it is pushed apart with b - fd. How similar features are differs from backbone to backbone and from dataset
 * to dataset, so a shift that is right for one pulls everything together, or apart, on another: the code collapses or
 * falls to pieces, and the published shifts had to be searched for each dataset. What can be carried over is not the shift
 * but the balance: the part that pulling has in all force, {@code sum (fd - b)+ / sum |fd - b|}. It falls from 1 to 0 as b
 * rises, so each balance belongs to exactly one shift. This finds, for each term, the shift at which a dataset has the
 * balance of a training that is known to work ({@link #BALANCE}).
 *
 * <p>A start, not the last word: compare the codes' similarities that a training logs with what labels would give: for an
 * image with itself and its neighbour some pairs alike, for strangers hardly any (Hamilton et al. 2022, appendix).
 */
public final class ShiftTuner {
    /**
     * The part of pulling in all force, with the published default shifts (0.18, 0.12, 0.46), DeiT-Tiny's features and the
     * 367 street scenes of CamVid at 320 x 320, where the published code reaches a mean IoU of 31% in 11 classes.
     */
    static final Map<Term, Double> BALANCE = Map.of(Term.INTRA, 0.890, Term.INTER, 0.941, Term.NEGATIVE, 0.032);

    /** Names of the settings that are shifts. */
    public static final Set<String> SHIFTS =
            Stream.of(Term.values()).map(ShiftTuner::setting).collect(Collectors.toUnmodifiableSet());

    /** Batches that are looked at. */
    private static final int BATCHES = 20;

    private static final int PARTS = 2000;
    private static final int HALVINGS = 50;

    private ShiftTuner() {}

    /** Returns the name of the setting that is the shift of a term. */
    public static String setting(Term term) {
        return switch (term) {
            case INTRA -> "pos_intra_shift";
            case INTER -> "pos_inter_shift";
            case NEGATIVE -> "neg_inter_shift";
        };
    }

    /**
     * A proposal.
     *
     * @param shifts the proposed shift of each term
     * @param balances the part of pulling that the settings' own shifts have
     * @param similarities centred similarities of features, fine, from -1 to 1
     */
    public record Proposal(Map<Term, Double> shifts, Map<Term, Double> balances, Map<Term, Histogram> similarities) {}

    /**
     * Sets the shifts that no preset, file or single value gives to what {@link #propose} finds. Where labels are compared
     * instead of features, the published shifts stay.
     *
     * @throws org.stegokernels.knn.NeighborGraph.ImpossibleException if there are fewer than two images
     */
    public static SettingsSource complete(Device device, SettingsSource source, TrainingExamples examples) {
        TrainSettings settings = source.settings();
        List<Term> open = Stream.of(Term.values())
                .filter(term -> !source.gives(setting(term)))
                .toList();
        if (open.isEmpty() || settings.useTrueLabels()) {
            return source;
        }
        Proposal proposal = propose(device, settings, examples);
        SettingsSource completed = source;
        for (Term term : open) {
            completed = completed.set(String.format(
                    Locale.ROOT, "%s=%.3f", setting(term), proposal.shifts().get(term)));
        }
        return completed;
    }

    /**
     * Looks at some batches as a training would draw them.
     *
     * @param settings whose shifts are looked at, weights don't matter
     * @throws org.stegokernels.knn.NeighborGraph.ImpossibleException if there are fewer than two images
     */
    public static Proposal propose(Device device, TrainSettings settings, TrainingExamples examples) {
        NeighborGraph neighbours =
                NeighborGraph.build(device, examples.embeddings(), examples.channels(), settings.numNeighbors() + 1);
        StepDraw.Source draws = new StepDraw.Source(settings, neighbours);
        try (SimilarityHistograms similarities = new SimilarityHistograms(device, settings.pointwise(), PARTS);
                CorrespondenceLoss loss = new CorrespondenceLoss(device, settings.correspondence());
                StepInputs inputs = new StepInputs(device, settings, 1);
                GrowingBuffer unused = new GrowingBuffer(device);
                BatchLoader loader = new BatchLoader(settings, examples, draws, 0, BATCHES)) {
            for (int step = 0; step < BATCHES; step++) {
                HostBatch host = loader.next();
                examples.complete(host);
                TrainingBatch batch = inputs.upload(host, examples);
                Tensor features = batch.features();
                Tensor gradient = unused.view(features.shape().dims());
                similarities.nextStep();
                loss.run(features, features, batch.pairs(), batch.masks().loss(), gradient, similarities);
            }
            return proposal(settings, similarities);
        }
    }

    private static Proposal proposal(TrainSettings settings, SimilarityHistograms similarities) {
        Map<Term, Double> shifts = new EnumMap<>(Term.class);
        Map<Term, Double> balances = new EnumMap<>(Term.class);
        Map<Term, Histogram> histograms = new EnumMap<>(Term.class);
        for (Term term : Term.values()) {
            Histogram histogram = similarities.features(term);
            histograms.put(term, histogram);
            shifts.put(term, shift(histogram, BALANCE.get(term)));
            balances.put(
                    term, histogram.pullAbove(settings.correspondence().of(term).shift()));
        }
        return new Proposal(shifts, balances, histograms);
    }

    /** The value above which a given part of all force pulls. */
    static double shift(Histogram similarities, double balance) {
        double low = -1;
        double high = 1;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (similarities.pullAbove(middle) > balance) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }
}
