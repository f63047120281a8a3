package org.stegokernels.device.cpu;

import org.stegokernels.device.Kernels.Activation;

/** {@link GemmLanes} in plain Java. */
final class ScalarGemm implements GemmLanes {
    private static final int ROWS = 8;
    private static final int COLUMNS = 16;

    @Override
    public int rows() {
        return ROWS;
    }

    @Override
    public int columns() {
        return COLUMNS;
    }

    @Override
    public void prepare(float[] bias, int biasOffset, float[] residual, float[] out, int outOffset, int outStride) {
        for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < COLUMNS; column++) {
                int at = outOffset + row * outStride + column;
                out[at] = residual == null ? bias[biasOffset + column] : bias[biasOffset + column] + residual[at];
            }
        }
    }

    @Override
    public void multiply(
            float[] tile,
            int tileOffset,
            float[] panel,
            int panelOffset,
            int inputs,
            float[] out,
            int outOffset,
            int outStride) {
        for (int row = 0; row < ROWS; row++) {
            int source = tileOffset + row;
            for (int column = 0; column < COLUMNS; column += 4) {
                int weights = panelOffset + column;
                float sum0 = 0;
                float sum1 = 0;
                float sum2 = 0;
                float sum3 = 0;
                for (int k = 0; k < inputs; k++) {
                    float value = tile[source + k * PITCH];
                    sum0 += value * panel[weights + k * COLUMNS];
                    sum1 += value * panel[weights + k * COLUMNS + 1];
                    sum2 += value * panel[weights + k * COLUMNS + 2];
                    sum3 += value * panel[weights + k * COLUMNS + 3];
                }
                int at = outOffset + row * outStride + column;
                out[at] += sum0;
                out[at + 1] += sum1;
                out[at + 2] += sum2;
                out[at + 3] += sum3;
            }
        }
    }

    @Override
    public void activate(Activation activation, float[] out, int outOffset, int outStride) {
        for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < COLUMNS; column++) {
                int at = outOffset + row * outStride + column;
                out[at] = switch (activation) {
                    case NONE -> out[at];
                    case GELU -> ScalarMath.gelu(out[at]);
                    case RELU -> Math.max(out[at], 0);
                };
            }
        }
    }
}
