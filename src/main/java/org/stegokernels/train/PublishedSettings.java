package org.stegokernels.train;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.stegokernels.data.Dataset.CropKind;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.train.TrainSettings.Correspondence;
import org.stegokernels.train.TrainSettings.Data;
import org.stegokernels.train.TrainSettings.Extras;
import org.stegokernels.train.TrainSettings.Masks;
import org.stegokernels.train.TrainSettings.Model;
import org.stegokernels.train.TrainSettings.ObjectiveKind;
import org.stegokernels.train.TrainSettings.Optimizer;
import org.stegokernels.train.TrainSettings.Projection;
import org.stegokernels.train.TrainSettings.Schedule;
import org.stegokernels.train.TrainSettings.Square;
import org.stegokernels.train.TrainSettings.Teacher;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.CorrespondenceLoss.TermSettings;
import org.stegokernels.train.loss.Objective;
import org.stegokernels.vit.Backbone.FeatureKind;

/**
 * {@link TrainSettings} in the form of a settings file: flat, under the names of the published {@code train_config.yml},
 * misspellings and all, in the order of {@code default.yml}, which says what each means.
 */
record PublishedSettings(
        @JsonProperty("objective") ObjectiveKind objective,
        @JsonProperty("max_steps") int steps,
        @JsonProperty("batch_size") int batch,
        @JsonProperty("num_neighbors") int neighbours,
        @JsonProperty("seed") long seed,
        @JsonProperty("dir_dataset_n_classes") int classes,
        @JsonProperty("crop_type") CropKind crop,
        @JsonProperty("crop_ratio") double cropRatio,
        @JsonProperty("res") int size,
        @JsonProperty("val_res") int validationSize,
        @JsonProperty("loader_crop_type") Square square,
        @JsonProperty("dino_feat_type") FeatureKind feature,
        @JsonProperty("projection_type") Projection projection,
        @JsonProperty("dim") int code,
        @JsonProperty("dropout_rate") double dropoutRate,
        @JsonProperty("dropout") boolean dropout,
        @JsonProperty("extra_clusters") int extraClusters,
        @JsonProperty("lr") double headRate,
        @JsonProperty("probe_lr") double probeRate,
        @JsonProperty("reset_probe_steps") int resetProbesAfter,
        @JsonProperty("kmeans_start") boolean kmeansStart,
        @JsonProperty("correspondence_weight") double correspondenceWeight,
        @JsonProperty("pointwise") boolean pointwise,
        @JsonProperty("zero_clamp") boolean zeroClamp,
        @JsonProperty("stabalize") boolean stabilize,
        @JsonProperty("feature_samples") int points,
        @JsonProperty("neg_samples") int negatives,
        @JsonProperty("use_salience") boolean salient,
        @JsonProperty("use_true_labels") boolean trueLabels,
        @JsonProperty("neg_inter_weight") double negativeWeight,
        @JsonProperty("pos_inter_weight") double interWeight,
        @JsonProperty("pos_intra_weight") double intraWeight,
        @JsonProperty("neg_inter_shift") double negativeShift,
        @JsonProperty("pos_inter_shift") double interShift,
        @JsonProperty("pos_intra_shift") double intraShift,
        @JsonProperty("teacher_temperature") double teacherTemperature,
        @JsonProperty("teacher_momentum") double teacherMomentum,
        @JsonProperty("aug_alignment_weight") double alignmentWeight,
        @JsonProperty("rec_weight") double reconstructionWeight,
        @JsonProperty("crf_weight") double crfWeight,
        @JsonProperty("alpha") double alpha,
        @JsonProperty("beta") double beta,
        @JsonProperty("gamma") double gamma,
        @JsonProperty("w1") double w1,
        @JsonProperty("w2") double w2,
        @JsonProperty("shift") double crfShift,
        @JsonProperty("crf_samples") int crfPoints,
        @JsonProperty("mask_threshold") double maskThreshold,
        @JsonProperty("mask_coverage") double maskCoverage,
        @JsonProperty("focal_exponent") double focus,
        @JsonProperty("prototype_momentum") double momentum,
        @JsonProperty("prototype_momentum_steps") int momentumEvery,
        @JsonProperty("scalar_log_freq") int logEvery,
        @JsonProperty("hist_freq") int histogramsEvery,
        @JsonProperty("val_freq") int validateEvery,
        @JsonProperty("checkpoint_freq") int checkpointEvery,
        @JsonProperty("patience") int patience) {
    /** Labels and clusters are bytes, and one value means ignore. */
    private static final int MAX_CLASSES = 254;

    private static final int LARGEST = 1 << 20;
    /** Sides of images, in pixels. */
    private static final int LARGEST_SIDE = Segmenter.Options.MAX_SIZE;
    /** Along each side of a grid; all points of an image are compared with all of another one. */
    private static final int MOST_SAMPLES = 64;

    private static final int MOST_CRF_SAMPLES = 1 << 14;

    private static final int MOST_NEGATIVES = 1 << 10;

    /** @throws TrainingException.BadSettings if a value is out of its range, by its name in the file */
    PublishedSettings {
        crop = crop == null ? CropKind.NONE : crop;
        required("objective", objective);
        range("max_steps", steps, 1, Integer.MAX_VALUE);
        range("batch_size", batch, 1, LARGEST);
        range("num_neighbors", neighbours, 1, LARGEST);
        range("dir_dataset_n_classes", classes, 0, MAX_CLASSES);
        positive("crop_ratio", cropRatio, 1);
        range("res", size, 1, LARGEST_SIDE);
        range("val_res", validationSize, 1, LARGEST_SIDE);
        required("loader_crop_type", square);
        required("dino_feat_type", feature);
        required("projection_type", projection);
        range("dim", code, 1, LARGEST);
        share("dropout_rate", dropoutRate);
        range("extra_clusters", extraClusters, 0, MAX_CLASSES);
        positive("lr", headRate, Double.MAX_VALUE);
        positive("probe_lr", probeRate, Double.MAX_VALUE);
        range("reset_probe_steps", resetProbesAfter, 0, Integer.MAX_VALUE);
        range("feature_samples", points, 1, MOST_SAMPLES);
        range("neg_samples", negatives, 1, MOST_NEGATIVES);
        weight("correspondence_weight", correspondenceWeight);
        weight("neg_inter_weight", negativeWeight);
        weight("pos_inter_weight", interWeight);
        weight("pos_intra_weight", intraWeight);
        finite("neg_inter_shift", negativeShift);
        finite("pos_inter_shift", interShift);
        finite("pos_intra_shift", intraShift);
        positive("teacher_temperature", teacherTemperature, Double.MAX_VALUE);
        share("teacher_momentum", teacherMomentum);
        weight("aug_alignment_weight", alignmentWeight);
        weight("rec_weight", reconstructionWeight);
        weight("crf_weight", crfWeight);
        positive("alpha", alpha, Double.MAX_VALUE);
        positive("beta", beta, Double.MAX_VALUE);
        positive("gamma", gamma, Double.MAX_VALUE);
        finite("w1", w1);
        finite("w2", w2);
        finite("shift", crfShift);
        range("crf_samples", crfPoints, 1, MOST_CRF_SAMPLES);
        positive("mask_threshold", maskThreshold, 1);
        positive("mask_coverage", maskCoverage, 1);
        weight("focal_exponent", focus);
        share("prototype_momentum", momentum);
        range("prototype_momentum_steps", momentumEvery, 1, Integer.MAX_VALUE);
        range("scalar_log_freq", logEvery, 1, Integer.MAX_VALUE);
        range("hist_freq", histogramsEvery, 0, Integer.MAX_VALUE);
        range("val_freq", validateEvery, 0, Integer.MAX_VALUE);
        range("checkpoint_freq", checkpointEvery, 1, Integer.MAX_VALUE);
        range("patience", patience, 0, Integer.MAX_VALUE);
        boolean stegoAlone = trueLabels || salient || alignmentWeight > 0 || reconstructionWeight > 0 || crfWeight > 0;
        if (objective != ObjectiveKind.STEGO && stegoAlone) {
            throw new TrainingException.BadSettings(
                    "use_true_labels, use_salience, aug_alignment_weight, rec_weight and"
                            + " crf_weight belong to objective stego, not to " + objective + ": leave them out");
        }
    }

    private static void range(String name, int value, int from, int to) {
        if (value < from || value > to) {
            String wanted = to == Integer.MAX_VALUE ? "at least " + from : "in " + from + ".." + to;
            throw new TrainingException.BadSettings(name + " must be " + wanted + ", not " + value);
        }
    }

    private static void positive(String name, double value, double to) {
        if (!(value > 0 && value <= to)) {
            throw new TrainingException.BadSettings(
                    name + " must be above 0" + (to < Double.MAX_VALUE ? " and at most " + to : "") + ", not " + value);
        }
    }

    private static void weight(String name, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new TrainingException.BadSettings(name + " must be at least 0, not " + value);
        }
    }

    private static void share(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new TrainingException.BadSettings(name + " must be at least 0 and below 1, not " + value);
        }
    }

    private static void finite(String name, double value) {
        if (!Double.isFinite(value)) {
            throw new TrainingException.BadSettings(name + " must be a number, not " + value);
        }
    }

    private static void required(String name, Object value) {
        if (value == null) {
            throw new TrainingException.BadSettings(name + " must have a value");
        }
    }

    static PublishedSettings of(TrainSettings settings) {
        Schedule schedule = settings.schedule();
        Data data = settings.data();
        Model model = settings.model();
        Optimizer optimizer = settings.optimizer();
        Correspondence correspondence = settings.correspondence();
        CorrespondenceLoss.Settings terms = correspondence.terms();
        Extras extras = settings.extras();
        GuidanceSettings guidance = extras.guidance();
        Masks masks = settings.masks();
        return new PublishedSettings(
                settings.objective(),
                schedule.steps(),
                data.batch(),
                data.neighbours(),
                settings.seed(),
                data.classes(),
                data.crop(),
                data.cropRatio(),
                data.size(),
                data.validationSize(),
                data.square(),
                model.feature(),
                model.projection(),
                model.code(),
                model.dropoutRate(),
                correspondence.dropout(),
                model.extraClusters(),
                optimizer.headRate(),
                optimizer.probeRate(),
                optimizer.resetProbesAfter(),
                model.kmeansStart(),
                correspondence.weight(),
                terms.pointwise(),
                terms.zeroClamp(),
                terms.stabilize(),
                correspondence.points(),
                correspondence.negatives(),
                correspondence.salient(),
                correspondence.trueLabels(),
                terms.negative().weight(),
                terms.inter().weight(),
                terms.intra().weight(),
                terms.negative().shift(),
                terms.inter().shift(),
                terms.intra().shift(),
                settings.teacher().temperature(),
                settings.teacher().momentum(),
                extras.alignmentWeight(),
                extras.reconstructionWeight(),
                extras.crfWeight(),
                guidance.alpha(),
                guidance.beta(),
                guidance.gamma(),
                guidance.w1(),
                guidance.w2(),
                guidance.shift(),
                extras.crfPoints(),
                masks.threshold(),
                masks.coverage(),
                masks.prototypes().focus(),
                masks.prototypes().momentum(),
                masks.prototypes().every(),
                schedule.logEvery(),
                schedule.histogramsEvery(),
                schedule.validateEvery(),
                schedule.checkpointEvery(),
                schedule.patience());
    }

    TrainSettings settings() {
        CorrespondenceLoss.Settings terms = new CorrespondenceLoss.Settings(
                new TermSettings(intraWeight, intraShift),
                new TermSettings(interWeight, interShift),
                new TermSettings(negativeWeight, negativeShift),
                pointwise,
                zeroClamp,
                stabilize);
        return new TrainSettings(
                seed,
                objective,
                new Schedule(steps, logEvery, histogramsEvery, validateEvery, checkpointEvery, patience),
                new Data(batch, neighbours, classes, crop, cropRatio, size, validationSize, square),
                new Model(feature, projection, dropoutRate, code, extraClusters, kmeansStart),
                new Optimizer(headRate, probeRate, resetProbesAfter),
                new Correspondence(correspondenceWeight, terms, dropout, points, negatives, salient, trueLabels),
                new Teacher(teacherTemperature, teacherMomentum),
                new Extras(
                        alignmentWeight,
                        reconstructionWeight,
                        crfWeight,
                        new GuidanceSettings(alpha, beta, gamma, w1, w2, crfShift),
                        crfPoints),
                new Masks(maskThreshold, maskCoverage, new Objective.Prototypes(focus, momentum, momentumEvery)));
    }
}
