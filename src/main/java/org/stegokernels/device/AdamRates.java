package org.stegokernels.device;

/**
 * What Adam's element-wise step takes of its {@link AdamSettings} at one step t, in the precision of the elements.
 *
 * @param keepMean beta1, and {@code newMean} 1 - beta1
 * @param keepSquare beta2, and {@code newSquare} 1 - beta2
 * @param spread {@code 1 / sqrt(1 - beta2^t)}
 * @param step {@code rate / (1 - beta1^t)}
 */
public record AdamRates(
        float keepMean, float newMean, float keepSquare, float newSquare, float spread, float epsilon, float step) {}
