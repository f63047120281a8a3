package org.stegokernels.crf;

/**
 * Parameters of the two Gaussian kernels of the dense CRF (Kraehenbuehl and Koltun 2011, equation 3).
 *
 * @param iterations mean-field iterations
 * @param smoothnessWeight weight of the kernel of positions, w(2)
 * @param smoothnessDeviation its standard deviation in pixels, theta gamma
 * @param appearanceWeight weight of the kernel of positions and colours, w(1)
 * @param appearanceDeviation its standard deviation in pixels, theta alpha
 * @param colorDeviation its standard deviation in steps of an 8-bit colour channel, theta beta
 */
public record CrfSettings(
        int iterations,
        float smoothnessWeight,
        float smoothnessDeviation,
        float appearanceWeight,
        float appearanceDeviation,
        float colorDeviation) {
    /** The constants that STEGO was published with (Hamilton et al. 2022). */
    public static final CrfSettings DEFAULT = new CrfSettings(10, 3, 1, 4, 67, 3);

    /** @throws IllegalArgumentException if iterations are negative, a weight is not finite or a deviation not positive */
    public CrfSettings {
        if (iterations < 0) {
            throw new IllegalArgumentException("CRF iterations must be 0 or more, not " + iterations);
        }
        requireFinite("smoothness weight", smoothnessWeight);
        requireFinite("appearance weight", appearanceWeight);
        requirePositive("smoothness deviation", smoothnessDeviation);
        requirePositive("appearance deviation", appearanceDeviation);
        requirePositive("color deviation", colorDeviation);
    }

    private static void requireFinite(String what, float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException("the CRF's " + what + " must be finite, not " + value);
        }
    }

    private static void requirePositive(String what, float value) {
        requireFinite(what, value);
        if (value <= 0) {
            throw new IllegalArgumentException("the CRF's " + what + " must be above 0, not " + value);
        }
    }
}
