package org.stegokernels.train;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.stegokernels.data.CropKind;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.stego.SegmenterOptions;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.vit.FeatureKind;

/**
 * How to train, under the names of the published {@code train_config.yml} (Hamilton et al. 2022), here in camel case. The
 * resource {@code default.yml} beside this class says what each means; {@link SettingsSource} reads them.
 */
public record TrainSettings(
        int maxSteps,
        int batchSize,
        int numNeighbors,
        long seed,
        @JsonProperty("dir_dataset_n_classes") int classes,
        CropKind cropType,
        double cropRatio,
        int res,
        int valRes,
        LoaderCrop loaderCropType,
        FeatureKind dinoFeatType,
        Projection projectionType,
        int dim,
        boolean dropout,
        int extraClusters,
        double lr,
        double probeLr,
        int resetProbeSteps,
        boolean kmeansStart,
        double correspondenceWeight,
        boolean pointwise,
        boolean zeroClamp,
        boolean stabalize,
        int featureSamples,
        int negSamples,
        boolean useSalience,
        boolean useTrueLabels,
        double negInterWeight,
        double posInterWeight,
        double posIntraWeight,
        double negInterShift,
        double posInterShift,
        double posIntraShift,
        double augAlignmentWeight,
        double recWeight,
        double crfWeight,
        double alpha,
        double beta,
        double gamma,
        double w1,
        double w2,
        double shift,
        int crfSamples,
        int scalarLogFreq,
        int histFreq,
        int valFreq,
        int checkpointFreq) {
    /** Labels and clusters are bytes, and one value means ignore. */
    private static final int MAX_CLASSES = 254;

    private static final int LARGEST = 1 << 20;
    /** Sides of images, in pixels. */
    private static final int LARGEST_SIDE = SegmenterOptions.MAX_SIZE;
    /** Along each side of a grid; all points of an image are compared with all of another one. */
    private static final int MOST_SAMPLES = 64;

    private static final int MOST_CRF_SAMPLES = 1 << 14;

    private static final int MOST_NEGATIVES = 1 << 10;

    /** Which square of an image is looked at. */
    public enum LoaderCrop {
        CENTER,
        RANDOM
    }

    /** Branches of the head. */
    public enum Projection {
        NONLINEAR,
        LINEAR
    }

    /** @throws TrainingException.BadSettings if a value is out of its range, by its name in the file */
    public TrainSettings {
        cropType = cropType == null ? CropKind.NONE : cropType;
        range("max_steps", maxSteps, 1, Integer.MAX_VALUE);
        range("batch_size", batchSize, 1, LARGEST);
        range("num_neighbors", numNeighbors, 1, LARGEST);
        range("dir_dataset_n_classes", classes, 0, MAX_CLASSES);
        positive("crop_ratio", cropRatio, 1);
        range("res", res, 1, LARGEST_SIDE);
        range("val_res", valRes, 1, LARGEST_SIDE);
        required("loader_crop_type", loaderCropType);
        required("dino_feat_type", dinoFeatType);
        required("projection_type", projectionType);
        range("dim", dim, 1, LARGEST);
        range("extra_clusters", extraClusters, 0, MAX_CLASSES);
        positive("lr", lr, Double.MAX_VALUE);
        positive("probe_lr", probeLr, Double.MAX_VALUE);
        range("reset_probe_steps", resetProbeSteps, 0, Integer.MAX_VALUE);
        range("feature_samples", featureSamples, 1, MOST_SAMPLES);
        range("neg_samples", negSamples, 1, MOST_NEGATIVES);
        weight("correspondence_weight", correspondenceWeight);
        weight("neg_inter_weight", negInterWeight);
        weight("pos_inter_weight", posInterWeight);
        weight("pos_intra_weight", posIntraWeight);
        finite("neg_inter_shift", negInterShift);
        finite("pos_inter_shift", posInterShift);
        finite("pos_intra_shift", posIntraShift);
        weight("aug_alignment_weight", augAlignmentWeight);
        weight("rec_weight", recWeight);
        weight("crf_weight", crfWeight);
        positive("alpha", alpha, Double.MAX_VALUE);
        positive("beta", beta, Double.MAX_VALUE);
        positive("gamma", gamma, Double.MAX_VALUE);
        finite("w1", w1);
        finite("w2", w2);
        finite("shift", shift);
        range("crf_samples", crfSamples, 1, MOST_CRF_SAMPLES);
        range("scalar_log_freq", scalarLogFreq, 1, Integer.MAX_VALUE);
        range("hist_freq", histFreq, 0, Integer.MAX_VALUE);
        range("val_freq", valFreq, 0, Integer.MAX_VALUE);
        range("checkpoint_freq", checkpointFreq, 1, Integer.MAX_VALUE);
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

    /** The correspondence loss, {@code correspondence_weight} multiplied in. */
    @JsonIgnore
    public CorrespondenceLoss.Settings correspondence() {
        return new CorrespondenceLoss.Settings(
                        new CorrespondenceLoss.TermSettings(posIntraWeight, posIntraShift),
                        new CorrespondenceLoss.TermSettings(posInterWeight, posInterShift),
                        new CorrespondenceLoss.TermSettings(negInterWeight, negInterShift),
                        pointwise,
                        zeroClamp,
                        stabalize)
                .weighted(correspondenceWeight);
    }

    /** The CRF loss. */
    @JsonIgnore
    public GuidanceSettings guidance() {
        return new GuidanceSettings(alpha, beta, gamma, w1, w2, shift);
    }

    /** Returns whether features change from step to step, so that none can be kept. */
    @JsonIgnore
    public boolean needsLiveFeatures() {
        return augAlignmentWeight > 0 || loaderCropType == LoaderCrop.RANDOM;
    }
}
