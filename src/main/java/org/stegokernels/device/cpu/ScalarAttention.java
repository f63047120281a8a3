package org.stegokernels.device.cpu;

import java.util.Arrays;

/** {@link AttentionLanes} in plain Java. */
final class ScalarAttention implements AttentionLanes {
    private static final int QUERIES = 16;

    @Override
    public int queries() {
        return QUERIES;
    }

    @Override
    public void product(
            float[] rows,
            int rowsOffset,
            float[] scratch,
            int columnsOffset,
            int depth,
            int outOffset,
            boolean accumulate) {
        if (!accumulate) {
            Arrays.fill(scratch, outOffset, outOffset + ROWS * QUERIES, 0);
        }
        for (int row = 0; row < ROWS; row++) {
            int out = outOffset + row * QUERIES;
            for (int k = 0; k < depth; k++) {
                float value = rows[rowsOffset + k * ROWS + row];
                int column = columnsOffset + k * QUERIES;
                for (int q = 0; q < QUERIES; q++) {
                    scratch[out + q] += value * scratch[column + q];
                }
            }
        }
    }

    @Override
    public void soften(float[] scratch, int scores, int keys, int stats, int sums, int channels) {
        for (int q = 0; q < QUERIES; q++) {
            float before = scratch[stats + q];
            float maximum = before;
            for (int key = 0; key < keys; key++) {
                maximum = Math.max(maximum, scratch[scores + key * QUERIES + q]);
            }
            float rescale = ScalarMath.exp2Negated(maximum - before);
            float sum = scratch[stats + QUERIES + q] * rescale;
            for (int key = 0; key < keys; key++) {
                float weight = ScalarMath.exp2Negated(maximum - scratch[scores + key * QUERIES + q]);
                scratch[scores + key * QUERIES + q] = weight;
                sum += weight;
            }
            scratch[stats + q] = maximum;
            scratch[stats + QUERIES + q] = sum;
            for (int channel = 0; channel < channels; channel++) {
                scratch[sums + channel * QUERIES + q] *= rescale;
            }
        }
    }
}
