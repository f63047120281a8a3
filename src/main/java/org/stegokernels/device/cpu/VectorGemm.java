package org.stegokernels.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.stegokernels.device.Kernels.Activation;

/**
 * {@link GemmLanes} in the Vector API: twelve or sixteen sums stay in registers for the whole of K. Written out row by
 * row because a vector in an array would leave its register.
 */
final class VectorGemm implements GemmLanes {
    private static final VectorSpecies<Float> SPECIES = VectorLanes.SPECIES;
    private static final int LANES = SPECIES.length();
    private static final int ROWS = VectorLanes.FEW_REGISTERS ? 6 : 8;
    private static final int COLUMNS = 2 * LANES;
    /**
     * A zero for each sum. From one zero that all share, C2 keeps some sums in other registers than they started in,
     * and moves them, or spills one, in every step: half as fast, in every other process.
     */
    private static final float[] ZEROS = new float[ROWS * COLUMNS];

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
        for (int lane = 0; lane < COLUMNS; lane += LANES) {
            FloatVector start = FloatVector.fromArray(SPECIES, bias, biasOffset + lane);
            if (residual == null) {
                for (int row = 0; row < ROWS; row++) {
                    start.intoArray(out, outOffset + row * outStride + lane);
                }
            } else {
                for (int row = 0; row < ROWS; row++) {
                    int at = outOffset + row * outStride + lane;
                    start.add(FloatVector.fromArray(SPECIES, residual, at)).intoArray(out, at);
                }
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
        if (VectorLanes.FEW_REGISTERS) {
            sixRows(tile, tileOffset, panel, panelOffset, inputs, out, outOffset, outStride);
        } else {
            eightRows(tile, tileOffset, panel, panelOffset, inputs, out, outOffset, outStride);
        }
    }

    private static FloatVector zero(int sum) {
        return FloatVector.fromArray(SPECIES, ZEROS, sum * LANES);
    }

    private static void eightRows(
            float[] tile,
            int tileOffset,
            float[] panel,
            int panelOffset,
            int inputs,
            float[] out,
            int outOffset,
            int outStride) {
        FloatVector s00 = zero(0);
        FloatVector s01 = zero(1);
        FloatVector s10 = zero(2);
        FloatVector s11 = zero(3);
        FloatVector s20 = zero(4);
        FloatVector s21 = zero(5);
        FloatVector s30 = zero(6);
        FloatVector s31 = zero(7);
        FloatVector s40 = zero(8);
        FloatVector s41 = zero(9);
        FloatVector s50 = zero(10);
        FloatVector s51 = zero(11);
        FloatVector s60 = zero(12);
        FloatVector s61 = zero(13);
        FloatVector s70 = zero(14);
        FloatVector s71 = zero(15);
        int end = tileOffset + inputs * PITCH;
        for (int x = tileOffset, w = panelOffset; x < end; x += PITCH, w += COLUMNS) {
            FloatVector w0 = FloatVector.fromArray(SPECIES, panel, w);
            FloatVector w1 = FloatVector.fromArray(SPECIES, panel, w + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, tile[x]);
            s00 = v0.fma(w0, s00);
            s01 = v0.fma(w1, s01);
            FloatVector v1 = FloatVector.broadcast(SPECIES, tile[x + 1]);
            s10 = v1.fma(w0, s10);
            s11 = v1.fma(w1, s11);
            FloatVector v2 = FloatVector.broadcast(SPECIES, tile[x + 2]);
            s20 = v2.fma(w0, s20);
            s21 = v2.fma(w1, s21);
            FloatVector v3 = FloatVector.broadcast(SPECIES, tile[x + 3]);
            s30 = v3.fma(w0, s30);
            s31 = v3.fma(w1, s31);
            FloatVector v4 = FloatVector.broadcast(SPECIES, tile[x + 4]);
            s40 = v4.fma(w0, s40);
            s41 = v4.fma(w1, s41);
            FloatVector v5 = FloatVector.broadcast(SPECIES, tile[x + 5]);
            s50 = v5.fma(w0, s50);
            s51 = v5.fma(w1, s51);
            FloatVector v6 = FloatVector.broadcast(SPECIES, tile[x + 6]);
            s60 = v6.fma(w0, s60);
            s61 = v6.fma(w1, s61);
            FloatVector v7 = FloatVector.broadcast(SPECIES, tile[x + 7]);
            s70 = v7.fma(w0, s70);
            s71 = v7.fma(w1, s71);
        }
        int o0 = outOffset;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        int o4 = o3 + outStride;
        int o5 = o4 + outStride;
        int o6 = o5 + outStride;
        int o7 = o6 + outStride;
        s00.add(FloatVector.fromArray(SPECIES, out, o0)).intoArray(out, o0);
        s01.add(FloatVector.fromArray(SPECIES, out, o0 + LANES)).intoArray(out, o0 + LANES);
        s10.add(FloatVector.fromArray(SPECIES, out, o1)).intoArray(out, o1);
        s11.add(FloatVector.fromArray(SPECIES, out, o1 + LANES)).intoArray(out, o1 + LANES);
        s20.add(FloatVector.fromArray(SPECIES, out, o2)).intoArray(out, o2);
        s21.add(FloatVector.fromArray(SPECIES, out, o2 + LANES)).intoArray(out, o2 + LANES);
        s30.add(FloatVector.fromArray(SPECIES, out, o3)).intoArray(out, o3);
        s31.add(FloatVector.fromArray(SPECIES, out, o3 + LANES)).intoArray(out, o3 + LANES);
        s40.add(FloatVector.fromArray(SPECIES, out, o4)).intoArray(out, o4);
        s41.add(FloatVector.fromArray(SPECIES, out, o4 + LANES)).intoArray(out, o4 + LANES);
        s50.add(FloatVector.fromArray(SPECIES, out, o5)).intoArray(out, o5);
        s51.add(FloatVector.fromArray(SPECIES, out, o5 + LANES)).intoArray(out, o5 + LANES);
        s60.add(FloatVector.fromArray(SPECIES, out, o6)).intoArray(out, o6);
        s61.add(FloatVector.fromArray(SPECIES, out, o6 + LANES)).intoArray(out, o6 + LANES);
        s70.add(FloatVector.fromArray(SPECIES, out, o7)).intoArray(out, o7);
        s71.add(FloatVector.fromArray(SPECIES, out, o7 + LANES)).intoArray(out, o7 + LANES);
    }

    /**
     * Multiplies with all sixteen registers of AVX2. The offset {@code w} counts for itself: written as a multiple of x
     * its checks leave the loop, C2 then moves every load to the top, and the sums no longer fit. They start from zero,
     * since what lies in {@code out} would keep its addresses in registers through the loop.
     */
    private static void sixRows(
            float[] tile,
            int tileOffset,
            float[] panel,
            int panelOffset,
            int inputs,
            float[] out,
            int outOffset,
            int outStride) {
        FloatVector s00 = zero(0);
        FloatVector s01 = zero(1);
        FloatVector s10 = zero(2);
        FloatVector s11 = zero(3);
        FloatVector s20 = zero(4);
        FloatVector s21 = zero(5);
        FloatVector s30 = zero(6);
        FloatVector s31 = zero(7);
        FloatVector s40 = zero(8);
        FloatVector s41 = zero(9);
        FloatVector s50 = zero(10);
        FloatVector s51 = zero(11);
        int end = tileOffset + inputs * PITCH;
        for (int x = tileOffset, w = panelOffset; x < end; x += PITCH, w += COLUMNS) {
            FloatVector w0 = FloatVector.fromArray(SPECIES, panel, w);
            FloatVector w1 = FloatVector.fromArray(SPECIES, panel, w + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, tile[x]);
            s00 = v0.fma(w0, s00);
            s01 = v0.fma(w1, s01);
            FloatVector v1 = FloatVector.broadcast(SPECIES, tile[x + 1]);
            s10 = v1.fma(w0, s10);
            s11 = v1.fma(w1, s11);
            FloatVector v2 = FloatVector.broadcast(SPECIES, tile[x + 2]);
            s20 = v2.fma(w0, s20);
            s21 = v2.fma(w1, s21);
            FloatVector v3 = FloatVector.broadcast(SPECIES, tile[x + 3]);
            s30 = v3.fma(w0, s30);
            s31 = v3.fma(w1, s31);
            FloatVector v4 = FloatVector.broadcast(SPECIES, tile[x + 4]);
            s40 = v4.fma(w0, s40);
            s41 = v4.fma(w1, s41);
            FloatVector v5 = FloatVector.broadcast(SPECIES, tile[x + 5]);
            s50 = v5.fma(w0, s50);
            s51 = v5.fma(w1, s51);
        }
        int o0 = outOffset;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        int o4 = o3 + outStride;
        int o5 = o4 + outStride;
        s00.add(FloatVector.fromArray(SPECIES, out, o0)).intoArray(out, o0);
        s01.add(FloatVector.fromArray(SPECIES, out, o0 + LANES)).intoArray(out, o0 + LANES);
        s10.add(FloatVector.fromArray(SPECIES, out, o1)).intoArray(out, o1);
        s11.add(FloatVector.fromArray(SPECIES, out, o1 + LANES)).intoArray(out, o1 + LANES);
        s20.add(FloatVector.fromArray(SPECIES, out, o2)).intoArray(out, o2);
        s21.add(FloatVector.fromArray(SPECIES, out, o2 + LANES)).intoArray(out, o2 + LANES);
        s30.add(FloatVector.fromArray(SPECIES, out, o3)).intoArray(out, o3);
        s31.add(FloatVector.fromArray(SPECIES, out, o3 + LANES)).intoArray(out, o3 + LANES);
        s40.add(FloatVector.fromArray(SPECIES, out, o4)).intoArray(out, o4);
        s41.add(FloatVector.fromArray(SPECIES, out, o4 + LANES)).intoArray(out, o4 + LANES);
        s50.add(FloatVector.fromArray(SPECIES, out, o5)).intoArray(out, o5);
        s51.add(FloatVector.fromArray(SPECIES, out, o5 + LANES)).intoArray(out, o5 + LANES);
    }

    @Override
    public void activate(Activation activation, float[] out, int outOffset, int outStride) {
        // A switch expression, so that an activation which is missing here does not compile.
        boolean gelu = switch (activation) {
            case GELU -> true;
            case RELU -> false;
            case NONE -> throw new IllegalArgumentException("nothing to apply");
        };
        for (int row = 0; row < ROWS; row++) {
            int from = outOffset + row * outStride;
            if (gelu) {
                for (int at = from; at < from + COLUMNS; at += LANES) {
                    VectorMath.gelu(FloatVector.fromArray(SPECIES, out, at)).intoArray(out, at);
                }
            } else {
                for (int at = from; at < from + COLUMNS; at += LANES) {
                    FloatVector.fromArray(SPECIES, out, at).max(0f).intoArray(out, at);
                }
            }
        }
    }
}
