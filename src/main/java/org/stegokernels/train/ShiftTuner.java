package org.stegokernels.train;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.knn.NeighborGraph;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.TrainSettings.Source;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.CorrespondenceLoss.Term;

/**
 * Proposes the shifts of the correspondence loss for a dataset and a backbone.
 *
 * <p>A pair of points whose centred feature similarity fd is above the shift b is pulled together with the force fd - b,
 * one below it is pushed apart with b - fd. How similar features are differs from backbone to backbone and from dataset
 * to dataset, so a shift that is right for one pulls everything together, or apart, on another: the code collapses or
 * falls to pieces, and the published shifts had to be searched for each dataset. Not the shift can be carried over,
 * but the balance: the part that pulling has in all force, {@code sum (fd - b)+ / sum |fd - b|}. It falls from 1 to 0 as b
 * rises, so each balance belongs to exactly one shift. This finds, for each term, the shift at which a dataset has the
 * balance of a training that is known to work ({@link #BALANCE}).
 *
 * <p>A start, not the last word: compare the codes' similarities that a training logs with what labels would give: for an
 * image with itself and its neighbour some pairs alike, for strangers hardly any (Hamilton et al. 2022, appendix).
 */
public final class ShiftTuner {
    /**
     * Parts of pulling in all force, with the published default shifts (0.18, 0.12, 0.46), DeiT-Tiny's features and the
     * 367 street scenes of CamVid at 320 x 320, where the published code reaches a mean IoU of 31% in 11 classes.
     */
    static final Map<Term, Double> BALANCE = Map.of(Term.INTRA, 0.890, Term.INTER, 0.941, Term.NEGATIVE, 0.032);

    /** Number of batches measured. */
    private static final int BATCHES = 20;

    private static final int PARTS = 2000;
    private static final int HALVINGS = 50;

    private ShiftTuner() {}

    /**
     * A shift, and its balance of pulling and pushing.
     *
     * @param pairs share of all pairs that are pulled together
     * @param force part of pulling in all force
     */
    public record Balance(double shift, double pairs, double force) {
        private static Balance of(double shift, Histogram similarities) {
            return new Balance(shift, similarities.shareAbove(shift), similarities.pullAbove(shift));
        }
    }

    /**
     * A proposal for one term.
     *
     * @param given the settings' own shift
     * @param similarities how many centred similarities of features fall into each of many equal parts of -1..1
     */
    public record Proposal(Balance proposed, Balance given, long[] similarities) {}

    /**
     * Sets the shifts that no preset, file or single value gives to what {@link #propose} finds. Where labels are compared
     * instead of features, the published shifts stay.
     *
     * @throws org.stegokernels.knn.NeighborGraph.ImpossibleException if there are fewer than two images
     */
    public static Source complete(Device device, Source source, TrainingExamples examples) {
        TrainSettings settings = source.settings();
        List<Term> open = Stream.of(Term.values())
                .filter(term -> !source.gives(Source.shift(term)))
                .toList();
        if (open.isEmpty() || settings.correspondence().trueLabels()) {
            return source;
        }
        Map<Term, Proposal> proposals = propose(device, settings, examples);
        Source completed = source;
        for (Term term : open) {
            completed = completed.set(String.format(
                    Locale.ROOT,
                    "%s=%.3f",
                    Source.shift(term),
                    proposals.get(term).proposed().shift()));
        }
        return completed;
    }

    /**
     * Proposes a shift for each term from some batches, drawn as a training would draw them.
     *
     * @param settings whose shifts are measured, weights don't matter
     * @throws org.stegokernels.knn.NeighborGraph.ImpossibleException if there are fewer than two images
     */
    public static Map<Term, Proposal> propose(Device device, TrainSettings settings, TrainingExamples examples) {
        NeighborGraph neighbours = NeighborGraph.build(
                device,
                examples.embeddings(),
                examples.channels(),
                settings.data().neighbours() + 1);
        StepDraw.Source draws = new StepDraw.Source(settings, neighbours);
        try (SimilarityHistograms similarities = new SimilarityHistograms(
                        device, settings.correspondence().terms().pointwise(), PARTS);
                CorrespondenceLoss loss =
                        new CorrespondenceLoss(device, settings.correspondence().loss());
                StepInputs inputs = new StepInputs(device, settings, 1);
                GrowingBuffer unused = new GrowingBuffer(device);
                BatchLoader loader = new BatchLoader(settings, examples, draws, 0, BATCHES)) {
            for (int step = 0; step < BATCHES; step++) {
                HostBatch host = loader.next();
                examples.complete(host);
                TrainingStep.Batch batch = inputs.upload(host, examples);
                Tensor features = batch.features();
                Tensor gradient = unused.view(features.shape().dims());
                similarities.nextStep();
                loss.run(features, features, batch.pairs(), batch.masks().loss(), gradient, similarities);
            }
            return proposals(settings, similarities);
        }
    }

    private static Map<Term, Proposal> proposals(TrainSettings settings, SimilarityHistograms similarities) {
        Map<Term, Proposal> proposals = new EnumMap<>(Term.class);
        for (Term term : Term.values()) {
            Histogram histogram = similarities.features(term);
            proposals.put(
                    term,
                    new Proposal(
                            Balance.of(shift(histogram, BALANCE.get(term)), histogram),
                            Balance.of(settings.correspondence().loss().of(term).shift(), histogram),
                            histogram.counts()));
        }
        return proposals;
    }

    /** Returns the value above which a given part of all force pulls. */
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
