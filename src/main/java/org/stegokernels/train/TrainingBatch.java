package org.stegokernels.train;

import org.stegokernels.tensor.Tensor;

/**
 * What one step works on.
 *
 * @param features {@code [2 B, h, w, C]}: B images, then the neighbour of each
 * @param labels {@code [B, H, W]}, I32, of the images; anything but 0..N-1 is ignored
 */
public record TrainingBatch(Tensor features, Tensor labels, Pairs pairs, DropoutMasks masks) {}
