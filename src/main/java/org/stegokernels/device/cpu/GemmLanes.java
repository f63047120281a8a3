package org.stegokernels.device.cpu;

import org.stegokernels.device.Activation;

/**
 * Innermost loops of the matrix product. Weights lie in panels of {@link #columns()} output channels, {@code [K,
 * columns]} each, so that a step along K reads them in order; the rows of x are read where they are.
 */
interface GemmLanes {
    /** Rows of a register tile: as many as there are registers for. */
    int rows();

    /** Columns of a register tile and of a weight panel: two vectors. */
    int columns();

    /**
     * What a tile starts from: {@code out[r, c] = bias[c]}, plus {@code residual[r, c]} if it is not null, which lies as
     * {@code out} does and may be it.
     */
    void prepare(float[] bias, int biasOffset, float[] residual, float[] out, int outOffset, int outStride);

    /** {@code out[r, c] += sum_k x[r, k] * panel[k, c]}; for {@link #rows()} rows of x and out that are {@code xStride} and {@code outStride} apart. */
    void multiply(
            float[] x,
            int xOffset,
            int xStride,
            float[] panel,
            int panelOffset,
            int inputs,
            float[] out,
            int outOffset,
            int outStride);

    /** Applies the activation to a tile in place. */
    void activate(Activation activation, float[] out, int outOffset, int outStride);
}
