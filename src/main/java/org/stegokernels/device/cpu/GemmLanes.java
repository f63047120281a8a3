package org.stegokernels.device.cpu;

import org.stegokernels.device.Kernels.Activation;

/**
 * Innermost loops of the matrix product. Weights lie in panels of {@link #columns()} output channels, {@code [K,
 * columns]} each, and x in tiles of {@link #rows()} rows, {@code [K, PITCH]} each, so that a step along K reads both in
 * order and at offsets that the compiler knows: it spends nothing on addresses and checks the tile's bounds once.
 */
interface GemmLanes {
    /** Floats from one k of a tile of x to the next; those past the rows are not used. */
    int PITCH = 8;

    /** Rows of a register tile: as many as there are registers for, at most {@link #PITCH}. */
    int rows();

    /** Columns of a register tile and of a weight panel: two vectors. */
    int columns();

    /**
     * Starts a tile: {@code out[r, c] = bias[c]}, plus {@code residual[r, c]} if it is not null, which lies as
     * {@code out} does and may be it.
     */
    void prepare(float[] bias, int biasOffset, float[] residual, float[] out, int outOffset, int outStride);

    /** Computes {@code out[r, c] += sum_k tile[k, r] * panel[k, c]}; rows of out are {@code outStride} apart. */
    void multiply(
            float[] tile,
            int tileOffset,
            float[] panel,
            int panelOffset,
            int inputs,
            float[] out,
            int outOffset,
            int outStride);

    /** Applies the activation to a tile in place. */
    void activate(Activation activation, float[] out, int outOffset, int outStride);
}
