package org.stegokernels.train;

import org.stegokernels.device.TrainingKernels.CorrespondenceRule;

/**
 * Weights and shifts of the three correspondence terms (Hamilton et al. 2022, equation 5 and supplement): an image with
 * itself, with a neighbour, with random others. {@code pointwise}, {@code zeroClamp} and {@code stabilize} are as in
 * {@link CorrespondenceRule} and hold for all terms.
 *
 * @param intraShift feature correlation that neither pulls nor pushes, for an image with itself
 */
public record CorrespondenceSettings(
        double intraWeight,
        double interWeight,
        double negativeWeight,
        double intraShift,
        double interShift,
        double negativeShift,
        boolean pointwise,
        boolean zeroClamp,
        boolean stabilize) {
    /** The shift of one term. */
    public double shift(CorrespondenceLoss.Term term) {
        return switch (term) {
            case INTRA -> intraShift;
            case INTER -> interShift;
            case NEGATIVE -> negativeShift;
        };
    }

    CorrespondenceRule rule(double shift) {
        return new CorrespondenceRule(pointwise, zeroClamp, stabilize, (float) shift);
    }
}
