package org.stegokernels.eval;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.device.Device;
import org.stegokernels.eval.ConfusionMatrix.Count;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Segmenter.Options.Protocol;
import org.stegokernels.stego.Stego;
import org.stegokernels.vit.FiniteCheck.NotFiniteException;

/**
 * The evaluation of a model on a whole set of labelled images, in the steps and order of the published {@code
 * eval_segmentation.py}: codes of image and mirror image averaged, enlarged to the size of the labels, classified by
 * both probes, sharpened by a CRF on the log-probabilities, counted; clusters become classes by the matching that makes
 * the most pixels of the set right. The next image is read while one is computed. An image that can't be read is left
 * out and named.
 */
public final class Evaluator {
    private final Device device;
    private final Dataset data;
    private final Settings settings;
    private final StageTimes times;
    private final Runnable progress;

    /**
     * Settings of an evaluation.
     *
     * @param options size, mirror image, CRF and protocol; the probe is ignored, all that a model has are evaluated
     * @param count the treatment of pixels in extra clusters
     * @param pictures images of which the predictions are kept to be looked at, spread evenly over the set
     */
    public record Settings(Segmenter.Options options, Count count, int pictures) implements Serializable {
        /** The published evaluation: the middle square at 320 pixels, mirror image, CRF; but every pixel counted. */
        public static final Settings DEFAULT =
                new Settings(Segmenter.Options.DEFAULT.withProtocol(Protocol.PUBLISHED), Count.ALL, 8);

        /** Returns whether the predictions for image {@code index} of {@code images} are kept. */
        boolean keeps(int index, int images) {
            return (index + 1L) * pictures / images > (long) index * pictures / images;
        }
    }

    /**
     * A model to evaluate in place of the probes: k-means over the patches of the very images of the set, the first row
     * of every comparison.
     *
     * @param clusters at least as many as the set has classes, at most 255
     * @param seed equal seeds give equal clusters
     */
    public record Baseline(Kind kind, int clusters, long seed) {
        /** The values of a patch that k-means is run on. */
        public enum Kind {
            /** Features of the backbone, compared by their angle. */
            KMEANS(Metric.COSINE),
            /** Mean colour: what a segmentation gets for nothing. */
            RGB(Metric.EUCLIDEAN);

            private final Metric metric;

            Kind(Metric metric) {
                this.metric = metric;
            }

            Metric metric() {
                return metric;
            }
        }
    }

    /**
     * The scores of a model on a set of labelled images (Hamilton et al. 2022, section 4): each probe by itself.
     *
     * @param linear the linear probe, trained with labels; empty if there is none
     * @param cluster the clusters, found without labels; empty if there are none
     * @param images that were evaluated
     * @param pictures some of them, with their predictions
     * @param calibrations of those probes that give probabilities
     * @param extremes of those probes, by class: the images in which they are surest and least sure of it; empty if no
     *     pictures are kept
     * @param correspondences precision and recall of what points are compared by
     * @param failures images that were left out
     */
    public record Result(
            Optional<Scores> linear,
            Optional<Scores> cluster,
            int images,
            List<Picture> pictures,
            Map<Probe, Calibration> calibrations,
            Map<Probe, List<Extremes>> extremes,
            List<PrecisionRecall> correspondences,
            List<Failure> failures) {}

    /**
     * The images in which a probe is surest of a class, the surest first, and those in which it is least sure, the least sure
     * first; none is among both.
     */
    public record Extremes(List<Seen> most, List<Seen> least) {}

    /**
     * A class in an image.
     *
     * @param id of the example
     * @param confidence mean probability of the class over the pixels that it was given to, 0 to 1
     * @param share of these among all pixels
     * @param image made smaller
     * @param where of the size of the image: 0 where the class is, and 255 elsewhere
     */
    public record Seen(String id, double confidence, double share, RgbImage image, LabelMap where) {}

    /** An image that was left out, and why. */
    public record Failure(String id, String reason) {}

    /**
     * An image with its labels and predictions, all of one size.
     *
     * @param id of the example
     * @param labels the truth, 255 where there is none
     * @param predictions of each probe, before the matching
     */
    public record Picture(String id, RgbImage image, LabelMap labels, Map<Probe, LabelMap> predictions) {
        /**
         * Returns the predictions of a probe as classes; clusters that stand for none are {@code classes}, one more
         * class.
         *
         * @param scores of the probe
         */
        public LabelMap classesOf(Probe probe, Scores scores) {
            LabelMap predicted = predictions.get(probe);
            int[] classOf = scores.matching().classOf();
            byte[] classes = new byte[predicted.labels().length];
            for (int i = 0; i < classes.length; i++) {
                int of = classOf[predicted.labels()[i] & 0xFF];
                classes[i] =
                        (byte) (of == Scores.Matching.NONE ? scores.matrix().classes() : of);
            }
            return new LabelMap(predicted.width(), predicted.height(), classes);
        }
    }

    private Evaluator(Device device, Dataset data, Settings settings, StageTimes times, Runnable progress) {
        this.device = device;
        this.data = data;
        this.settings = settings;
        this.times = times;
        this.progress = progress;
    }

    /**
     * Evaluates a model.
     *
     * @param times gets the time taken by stage
     * @param progress called after each image
     * @throws DatasetException if the set has no labels, other classes than the model, or no image that can be used
     * @throws IllegalArgumentException if the model has no probe, or the size is not in whole patches
     */
    public static Result run(Stego model, Dataset data, Settings settings, StageTimes times, Runnable progress) {
        requireLabels(data);
        Evaluator evaluator = new Evaluator(model.device(), data, settings, times, progress);
        try (Predictor predictor = new ModelPredictor(model, settings.options(), times)) {
            return evaluator.run(predictor);
        }
    }

    /**
     * Evaluates k-means over the patches of the very images of the set.
     *
     * @param model whose backbone is used, head and probes are not
     * @param progress called after each image, twice
     * @throws DatasetException if the set has no labels or no image that can be used
     * @throws org.stegokernels.cluster.Clustering.ImpossibleException if there are fewer different patches than clusters
     * @throws IOException if the disk for temporary files is full
     */
    public static Result run(
            Baseline baseline, Stego model, Dataset data, Settings settings, StageTimes times, Runnable progress)
            throws IOException {
        requireLabels(data);
        Evaluator evaluator = new Evaluator(model.device(), data, settings, times, progress);
        try (BaselinePredictor predictor = new BaselinePredictor(model, baseline, settings.options(), times)) {
            predictor.look(data, progress);
            return evaluator.run(predictor);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * The counts of some images, for sets that are counted in parts: they are added, and scored once all are there.
     *
     * @param matrices by the probes that the model has
     * @param failures images that were left out
     */
    public record Counts(Map<Probe, ConfusionMatrix> matrices, List<Failure> failures) {}

    /**
     * Counts the predictions of a model on some images of a set; none of them need be usable.
     *
     * @throws DatasetException if the set has no labels, or other classes than the model
     * @throws IllegalArgumentException if the model has no probe, or the size is not in whole patches
     */
    public static Counts count(Stego model, Dataset data, Settings settings) {
        requireLabels(data);
        StageTimes times = new StageTimes();
        Evaluator evaluator = new Evaluator(model.device(), data, settings, times, () -> {});
        try (Predictor predictor = new ModelPredictor(model, settings.options(), times);
                ExampleReader reader = new ExampleReader(data, predictor::frame, times)) {
            Counts counts = new Counts(evaluator.matrices(predictor.candidates()), new ArrayList<>());
            for (int index = 0; index < data.size(); index++) {
                String id = data.example(index).id();
                try {
                    ExampleReader.LabelledFrame example = reader.next();
                    synchronized (model.device().monitor()) {
                        predictor
                                .predict(index, example.frame())
                                .labels()
                                .forEach((probe, predicted) ->
                                        counts.matrices.get(probe).add(predicted, example.labels(), settings.count()));
                    }
                } catch (ImageException | DatasetException e) {
                    counts.failures.add(new Failure(id, e.getMessage()));
                } catch (NotFiniteException e) {
                    counts.failures.add(
                            new Failure(id, e.of(data.example(index).image()).getMessage()));
                }
            }
            return counts;
        }
    }

    private Result run(Predictor predictor) {
        Map<Probe, ConfusionMatrix> matrices = matrices(predictor.candidates());
        Map<Probe, Calibration.Counts> confidences = new EnumMap<>(Probe.class);
        Map<Probe, Certainty> certainties = new EnumMap<>(Probe.class);
        List<Picture> pictures = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        int classes = data.classes().count();
        try (ExampleReader reader = new ExampleReader(data, predictor::frame, times);
                CorrespondencePairs pairs = new CorrespondencePairs(device, data.size(), classes)) {
            NotFiniteException overflow = null;
            for (int index = 0; index < data.size(); index++) {
                String id = data.example(index).id();
                try {
                    ExampleReader.LabelledFrame example = reader.next();
                    Predictor.Prediction prediction;
                    synchronized (device.monitor()) {
                        prediction = predictor.predict(index, example.frame());
                        long start = System.nanoTime();
                        pairs.add(index, prediction.vectors(), example.labels());
                        times.add(Stage.COUNT, start);
                    }
                    long start = System.nanoTime();
                    prediction
                            .labels()
                            .forEach((probe, predicted) ->
                                    matrices.get(probe).add(predicted, example.labels(), settings.count()));
                    prediction
                            .confidences()
                            .forEach((probe, confidence) -> confidences
                                    .computeIfAbsent(probe, first -> counts(matrices.get(first)))
                                    .add(
                                            prediction.labels().get(probe),
                                            confidence,
                                            example.labels(),
                                            settings.count()));
                    if (settings.pictures() > 0) {
                        prediction
                                .confidences()
                                .forEach((probe, confidence) -> certainties
                                        .computeIfAbsent(
                                                probe,
                                                first -> new Certainty(
                                                        matrices.get(first).predictions()))
                                        .add(
                                                id,
                                                example.frame().target(),
                                                prediction.labels().get(probe),
                                                confidence));
                    }
                    times.add(Stage.COUNT, start);
                    if (settings.keeps(index, data.size())) {
                        pictures.add(new Picture(id, example.frame().target(), example.labels(), prediction.labels()));
                    }
                } catch (ImageException | DatasetException e) {
                    failures.add(new Failure(id, e.getMessage()));
                } catch (NotFiniteException e) {
                    overflow = e.of(data.example(index).image());
                    failures.add(new Failure(id, overflow.getMessage()));
                }
                progress.run();
            }
            if (failures.size() == data.size() && overflow != null) {
                throw overflow;
            }
            if (failures.size() == data.size()) {
                throw noneUsable(data, failures.get(0).reason());
            }
            long start = System.nanoTime();
            Optional<Scores> linear =
                    Optional.ofNullable(matrices.get(Probe.LINEAR)).map(Scores::ofClasses);
            Optional<Scores> cluster = Optional.ofNullable(matrices.get(Probe.CLUSTER))
                    .map(matrix -> Scores.ofClusters(matrix, settings.count()));
            Map<Probe, Calibration> calibrations = new EnumMap<>(Probe.class);
            Map<Probe, List<Extremes>> extremes = new EnumMap<>(Probe.class);
            confidences.forEach((probe, counts) -> calibrations.put(
                    probe, counts.under(scores(probe, cluster, linear).matching())));
            certainties.forEach((probe, certainty) -> extremes.put(
                    probe, certainty.under(scores(probe, cluster, linear).matching(), classes)));
            List<PrecisionRecall> curves = pairs.curves();
            times.add(Stage.SCORE, start);
            return new Result(
                    linear, cluster, data.size() - failures.size(), pictures, calibrations, extremes, curves, failures);
        }
    }

    private static Scores scores(Probe probe, Optional<Scores> cluster, Optional<Scores> linear) {
        return (probe == Probe.CLUSTER ? cluster : linear).orElseThrow();
    }

    private static Calibration.Counts counts(ConfusionMatrix matrix) {
        return new Calibration.Counts(matrix.predictions(), matrix.classes());
    }

    /**
     * Returns a set if it has labels.
     *
     * @throws DatasetException if it has none
     */
    public static Dataset requireLabels(Dataset data) {
        if (!data.hasLabels()) {
            throw new DatasetException(
                    data.settings().root(),
                    "there are no labels for " + data.name() + ", and nothing to hold predictions against",
                    "give a dataset with label maps; \"segment\" needs none");
        }
        return data;
    }

    /** Returns what to throw if every single image or its label map fails. */
    static DatasetException noneUsable(Dataset data, String firstReason) {
        return new DatasetException(
                data.settings().root(),
                "none of the " + data.size() + " images of " + data.name()
                        + " and their label maps can be used, first: " + firstReason,
                "mend them, or give another dataset");
    }

    private Map<Probe, ConfusionMatrix> matrices(Map<Probe, Integer> candidates) {
        int classes = data.classes().count();
        Map<Probe, ConfusionMatrix> matrices = new EnumMap<>(Probe.class);
        candidates.forEach((probe, count) -> {
            boolean fits = probe == Probe.LINEAR ? count == classes : count >= classes;
            if (!fits) {
                throw new DatasetException(
                        data.settings().root(),
                        data.name() + " has " + classes + " classes, the "
                                + (probe == Probe.LINEAR ? "linear probe " : "clusters are ") + count,
                        "evaluate on a dataset with the classes that the model was trained for");
            }
            matrices.put(probe, new ConfusionMatrix(count, classes));
        });
        return matrices;
    }

    /**
     * The precision and recall of the similarity of two points in predicting that they are of one class (Hamilton et al. 2022, figure 2): of the
     * pairs above a threshold of similarity, the precision is the share that is of one class, the recall the share of all
     * such pairs that is above. The curve goes through all thresholds, from the highest similarity down.
     *
     * @param name what the similarity is of
     * @param averagePrecision the sum over thresholds of precision times the recall gained, as scikit-learn defines it;
     *     equal similarities are one threshold. NaN without a pair of one class.
     * @param positives share of all pairs that is of one class: the precision of a guess
     * @param pairs how many
     * @param recall of up to {@link #POINTS} thresholds, rising
     * @param precision of the same
     */
    public record PrecisionRecall(
            String name, double averagePrecision, double positives, long pairs, double[] recall, double[] precision) {
        /** A curve is drawn with so many points at most; the average precision is of all. */
        public static final int POINTS = 256;

        /**
         * Computes the curve of some pairs.
         *
         * @param similarities of which none is NaN
         * @param sameClass for each pair
         */
        public static PrecisionRecall of(String name, float[] similarities, boolean[] sameClass) {
            long[] pairs = new long[similarities.length];
            for (int i = 0; i < pairs.length; i++) {
                pairs[i] = encode(similarities[i], sameClass[i]);
            }
            return of(name, pairs);
        }

        /** Encodes a pair as a number that grows with its similarity; the lowest bit says whether both are of one class. */
        static long encode(float similarity, boolean sameClass) {
            // Adding 0 makes -0 into 0: they are equal.
            int bits = Float.floatToIntBits(similarity + 0f);
            int rising = bits ^ (bits >> 31 & Integer.MAX_VALUE);
            return (long) rising << 1 | (sameClass ? 1 : 0);
        }

        /** @param pairs as {@link #encode} makes them; sorted by this call */
        static PrecisionRecall of(String name, long[] pairs) {
            Arrays.parallelSort(pairs);
            long all = Arrays.stream(pairs).filter(pair -> (pair & 1) != 0).count();
            double[] recall = new double[POINTS];
            double[] precision = new double[POINTS];
            int points = 0;
            double area = 0;
            long found = 0;
            long foundBefore = 0;
            for (int i = pairs.length - 1; i >= 0; i--) {
                found += pairs[i] & 1;
                boolean threshold = i == 0 || pairs[i] >> 1 != pairs[i - 1] >> 1;
                if (!threshold) {
                    continue;
                }
                long seen = pairs.length - i;
                area += (double) (found - foundBefore) / all * found / seen;
                foundBefore = found;
                double reached = (double) found / all;
                // One point where the recall passes each of so many equal steps; the last step is the end of the curve.
                if (points < POINTS && (reached * POINTS >= points + 1 || i == 0)) {
                    recall[points] = reached;
                    precision[points] = (double) found / seen;
                    points++;
                }
            }
            return new PrecisionRecall(
                    name,
                    all == 0 ? Double.NaN : area,
                    (double) all / pairs.length,
                    pairs.length,
                    Arrays.copyOf(recall, points),
                    Arrays.copyOf(precision, points));
        }
    }
}
