package org.stegokernels.device;

/**
 * How Adam steps (Kingma and Ba 2015).
 *
 * @param beta1 decay of the mean of the gradients
 * @param beta2 decay of the mean of their squares
 * @param epsilon added to the square root of the corrected mean of squares
 */
public record AdamSettings(double learningRate, double beta1, double beta2, double epsilon) {
    /** Everything but the learning rate as in PyTorch. */
    public static AdamSettings of(double learningRate) {
        return new AdamSettings(learningRate, 0.9, 0.999, 1e-8);
    }

    /** @param step counted from 1 */
    public AdamRates at(int step) {
        return new AdamRates(
                (float) beta1,
                (float) (1 - beta1),
                (float) beta2,
                (float) (1 - beta2),
                (float) (1 / Math.sqrt(1 - Math.pow(beta2, step))),
                (float) epsilon,
                (float) (learningRate / (1 - Math.pow(beta1, step))));
    }
}
