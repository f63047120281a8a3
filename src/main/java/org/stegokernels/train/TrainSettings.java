package org.stegokernels.train;

import org.stegokernels.data.CropKind;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.vit.Backbone.FeatureKind;

/**
 * Settings of a training (Hamilton et al. 2022), by subject. {@link SettingsSource} makes them and checks every range; the
 * names in its files are those of the published {@code train_config.yml}.
 */
public record TrainSettings(
        long seed,
        Schedule schedule,
        Data data,
        Model model,
        Optimizer optimizer,
        Correspondence correspondence,
        Extras extras) {
    /**
     * Length of a training, and the steps from one output to the next: alone these may change when it goes on, since no
     * step depends on them.
     *
     * @param steps number of steps
     * @param logEvery between lines of losses
     * @param histogramsEvery between histograms of similarities; 0: none
     * @param validateEvery between validations; 0: none but the last
     * @param checkpointEvery between checkpoints
     */
    public record Schedule(int steps, int logEvery, int histogramsEvery, int validateEvery, int checkpointEvery) {}

    /**
     * Images that are trained on.
     *
     * @param batch images in a step, and as many neighbours
     * @param neighbours an image is paired with one of so many nearest ones
     * @param classes clusters to find; 0: as many as the dataset has classes
     * @param crop crops that each image is cut into first
     * @param cropRatio side of such a crop as a part of the image's
     * @param size side in pixels of the square that the backbone sees
     * @param validationSize the same side in validation
     * @param square position of that square in the image
     */
    public record Data(
            int batch,
            int neighbours,
            int classes,
            CropKind crop,
            double cropRatio,
            int size,
            int validationSize,
            Square square) {}

    /** Position of the square of an image that the backbone sees. */
    public enum Square {
        CENTER,
        RANDOM
    }

    /**
     * Head and probes.
     *
     * @param feature output of the backbone that the head gets
     * @param projection branches of the head
     * @param code channels of the code, D
     * @param extraClusters clusters beyond the classes
     * @param kmeansStart true if clusters start from k-means of the codes
     */
    public record Model(FeatureKind feature, Projection projection, int code, int extraClusters, boolean kmeansStart) {}

    /** Branches of the head. */
    public enum Projection {
        NONLINEAR,
        LINEAR
    }

    /**
     * Learning rates.
     *
     * @param headRate of the head, and of a decoder
     * @param probeRate of both probes
     * @param resetProbesAfter the step after which the probes start anew; 0: never
     */
    public record Optimizer(double headRate, double probeRate, int resetProbesAfter) {}

    /**
     * Correspondence loss.
     *
     * @param weight factor of all its terms
     * @param terms weights and shifts, {@code weight} not multiplied in
     * @param dropout true if channels of the compared features are dropped; the head's own dropout is always on
     * @param points along each side of a grid
     * @param negatives draws of negatives
     * @param salient true if nine points in ten are where a label is
     * @param trueLabels true if labels are compared instead of features: an upper bound
     */
    public record Correspondence(
            double weight,
            CorrespondenceLoss.Settings terms,
            boolean dropout,
            int points,
            int negatives,
            boolean salient,
            boolean trueLabels) {
        /** Returns the settings of the loss, {@code weight} multiplied in. */
        public CorrespondenceLoss.Settings loss() {
            return terms.weighted(weight);
        }
    }

    /**
     * Further losses, each off with weight 0.
     *
     * @param guidance of the CRF loss
     * @param crfPoints pixels of an image that the CRF loss compares
     */
    public record Extras(
            double alignmentWeight,
            double reconstructionWeight,
            double crfWeight,
            GuidanceSettings guidance,
            int crfPoints) {}

    /** Returns whether features change from step to step, so that none can be kept. */
    public boolean needsLiveFeatures() {
        return extras.alignmentWeight > 0 || data.square == Square.RANDOM;
    }
}
