package org.stegokernels.train;

/**
 * Factors of each channel of each image, drawn separately for the three uses of the features; already scaled. Each is
 * {@code [2 B, C]}, or null for no dropout there.
 *
 * @param linear for the head's linear branch
 * @param nonlinear for its nonlinear branch
 * @param loss for the features that the correspondence loss compares
 */
public record DropoutMasks(float[] linear, float[] nonlinear, float[] loss) {
    public static final DropoutMasks NONE = new DropoutMasks(null, null, null);
}
