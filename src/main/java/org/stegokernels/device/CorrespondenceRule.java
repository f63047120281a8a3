package org.stegokernels.device;

/**
 * How features judge codes in one term of the correspondence loss (Hamilton et al. 2022, section 3.2).
 *
 * @param pointwise whether feature correlations are centred for each point over all points of the other image, then
 *     shifted back to their old mean ("spatial centring")
 * @param zeroClamp whether code correlations below 0 count as 0: codes are pushed apart until they are orthogonal, not
 *     opposite
 * @param stabilize whether code correlations above 0.8 count as 0.8
 * @param shift the feature correlation that neither pulls nor pushes, b
 */
public record CorrespondenceRule(boolean pointwise, boolean zeroClamp, boolean stabilize, float shift) {
    private static final float STABLE = 0.8f;
    /** The published stand-in for no bound. */
    private static final float UNBOUNDED = 9999f;

    public float lowest() {
        return zeroClamp ? 0 : -UNBOUNDED;
    }

    public float highest() {
        return stabilize ? STABLE : Float.POSITIVE_INFINITY;
    }
}
