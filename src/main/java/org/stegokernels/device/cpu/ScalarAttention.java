package org.stegokernels.device.cpu;

/** {@link AttentionLanes} in plain Java. */
final class ScalarAttention implements AttentionLanes {
    @Override
    public void soften(float[] scratch, int queries, int scores, int keys, int stats, int sums, int channels) {
        for (int q = 0; q < queries; q++) {
            float before = scratch[stats + q];
            float maximum = before;
            for (int key = 0; key < keys; key++) {
                maximum = Math.max(maximum, scratch[scores + key * queries + q]);
            }
            float rescale = ScalarMath.exp2Negated(maximum - before);
            float sum = scratch[stats + queries + q] * rescale;
            for (int key = 0; key < keys; key++) {
                float weight = ScalarMath.exp2Negated(maximum - scratch[scores + key * queries + q]);
                scratch[scores + key * queries + q] = weight;
                sum += weight;
            }
            scratch[stats + q] = maximum;
            scratch[stats + queries + q] = sum;
            for (int channel = 0; channel < channels; channel++) {
                scratch[sums + channel * queries + q] *= rescale;
            }
        }
    }
}
