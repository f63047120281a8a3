package org.stegokernels.train;

import org.stegokernels.image.RgbImage;
import org.stegokernels.train.TrainSettings.ObjectiveKind;

/** The examples of one step, in host memory that is used again for later steps. */
final class HostBatch {
    /** Side of the small images that the CRF loss looks at, as published. */
    static final int GUIDANCE_SIDE = 56;

    private final boolean wantsNeighborLabels;
    private final boolean wantsGuidance;
    private final boolean wantsAugmented;
    private final boolean wantsProposals;
    StepDraw draw;
    /** {@code [2 B, h, w, C]}, or {@code [3 B, h, w, C]} with augmented images. */
    float[] features;
    /** {@code [B, S, S]}, or {@code [2 B, S, S]} if the neighbours' labels matter; -1 where there is none. */
    int[] labels;
    /** {@code [B, G, G, 3]}: the images, small, normalised as for the backbone; null if nothing needs it. */
    float[] guidance;
    /** {@code [B, h, w, 2]}: where in the image each patch of the augmented one is; null without those. */
    float[] alignedCoords;
    /** {@code [B, S, S]}: mask proposals of the images; null without those. */
    byte[] masks;
    /** Images for the backbone, for {@link #features} that are not there yet; null if they are. */
    RgbImage[] pixels;

    /** Makes a batch with room for all inputs of the losses of a training. */
    HostBatch(TrainSettings settings) {
        wantsNeighborLabels = settings.correspondence().trueLabels()
                || settings.correspondence().salient();
        wantsGuidance = settings.extras().crfWeight() > 0;
        wantsAugmented = settings.extras().alignmentWeight() > 0;
        wantsProposals = settings.objective() == ObjectiveKind.PRIMAPS;
    }

    /** Makes a batch of features and labels alone. */
    HostBatch() {
        wantsNeighborLabels = false;
        wantsGuidance = false;
        wantsAugmented = false;
        wantsProposals = false;
    }

    /** Makes room for a step's examples. */
    void begin(StepDraw drawn, TrainingExamples examples) {
        draw = drawn;
        int patches = examples.rows() * examples.columns();
        int area = examples.labelSize() * examples.labelSize();
        features = sized(features, featureImages() * patches * examples.channels());
        if (labels == null || labels.length != labelImages() * area) {
            labels = new int[labelImages() * area];
        }
        if (wantsProposals && (masks == null || masks.length != batch() * area)) {
            masks = new byte[batch() * area];
        }
        guidance = wantsGuidance ? sized(guidance, batch() * GUIDANCE_SIDE * GUIDANCE_SIDE * 3) : null;
        alignedCoords = wantsAugmented ? sized(alignedCoords, batch() * patches * 2) : null;
    }

    private static float[] sized(float[] values, int length) {
        return values != null && values.length == length ? values : new float[length];
    }

    /** Returns the number of images, B. */
    int batch() {
        return draw.batch();
    }

    int featureImages() {
        return (wantsAugmented ? 3 : 2) * batch();
    }

    int labelImages() {
        return (wantsNeighborLabels ? 2 : 1) * batch();
    }

    boolean wantsAugmented() {
        return wantsAugmented;
    }
}
