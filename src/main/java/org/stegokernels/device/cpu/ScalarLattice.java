package org.stegokernels.device.cpu;

import java.util.Arrays;

/** Plain Java. */
final class ScalarLattice implements LatticeLanes {
    @Override
    public void splat(float[] x, SparseRows rows, int from, int to, int width, float[] values) {
        Arrays.fill(values, LEAD + from * width, LEAD + to * width, 0f);
        for (int v = from; v < to; v++) {
            addRow(x, rows, v, 1f, values, LEAD + v * width, width);
        }
    }

    @Override
    public void blur(float[] values, int[] chains, int from, int to, int end, int spare, int width) {
        float[] before = new float[width];
        for (int i = from; i < to; i++) {
            if (chains[i] == end) {
                Arrays.fill(before, 0f);
                continue;
            }
            int row = LEAD + chains[i] * width;
            int after = LEAD + chains[i + 1] * width;
            for (int c = 0; c < width; c++) {
                float own = values[row + c];
                values[row + c] = Math.fma(before[c] + values[after + c], 0.5f, own);
                before[c] = own;
            }
        }
    }

    @Override
    public void slice(float[] values, SparseRows rows, float scale, int from, int to, int width, float[] sum) {
        for (int p = from; p < to; p++) {
            addRow(values, rows, p, scale, sum, LEAD + (p - from) * width, width);
        }
    }

    private static void addRow(float[] x, SparseRows rows, int row, float scale, float[] sum, int sumRow, int width) {
        for (int e = rows.starts()[row]; e < rows.starts()[row + 1]; e++) {
            float weight = scale * rows.weights()[e];
            int from = LEAD + rows.columns()[e] * width;
            for (int c = 0; c < width; c++) {
                sum[sumRow + c] = Math.fma(x[from + c], weight, sum[sumRow + c]);
            }
        }
    }

    @Override
    public void softmax(float[] x, int rows, int width, float[] out, int outRow) {
        for (int r = 0; r < rows; r++) {
            int from = LEAD + r * width;
            int to = LEAD + (outRow + r) * width;
            float max = Float.NEGATIVE_INFINITY;
            for (int c = 0; c < width; c++) {
                max = Math.max(max, x[from + c]);
            }
            float sum = 0;
            for (int c = 0; c < width; c++) {
                float e = ScalarMath.exp(x[from + c] - max);
                out[to + c] = e;
                sum += e;
            }
            float factor = 1 / sum;
            for (int c = 0; c < width; c++) {
                out[to + c] *= factor;
            }
        }
    }
}
