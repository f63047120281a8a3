package org.stegokernels.train;

import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.ExtraLosses;

/**
 * What one step works on.
 *
 * @param features {@code [2 B, h, w, C]}: B images, then the neighbour of each; or {@code [3 B, h, w, C]}: then the
 *     augmented images too, if those are to be aligned
 * @param signal {@code [2 B, S, T, N]}: what is compared instead of the features, which may be of another size; or null
 * @param labels {@code [B, H, W]}, I32, of the images; anything but 0..N-1 is ignored
 * @param extras what {@link ExtraLosses} need besides; or null
 */
public record TrainingBatch(
        Tensor features,
        Tensor signal,
        Tensor labels,
        CorrespondenceLoss.Pairs pairs,
        DropoutMasks masks,
        ExtraLosses.Inputs extras) {
    /** For a step without anything special. */
    public TrainingBatch(Tensor features, Tensor labels, CorrespondenceLoss.Pairs pairs, DropoutMasks masks) {
        this(features, null, labels, pairs, masks, null);
    }
}
