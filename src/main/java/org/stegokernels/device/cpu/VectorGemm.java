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
        // What was loaded is of a known class; of a sum the compiler would have to guess it, and where the guess is
        // wrong every
        // sum becomes an object.
        int o0 = outOffset;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        int o4 = o3 + outStride;
        int o5 = o4 + outStride;
        int o6 = o5 + outStride;
        int o7 = o6 + outStride;
        FloatVector.fromArray(SPECIES, out, o0).add(s00).intoArray(out, o0);
        FloatVector.fromArray(SPECIES, out, o0 + LANES).add(s01).intoArray(out, o0 + LANES);
        FloatVector.fromArray(SPECIES, out, o1).add(s10).intoArray(out, o1);
        FloatVector.fromArray(SPECIES, out, o1 + LANES).add(s11).intoArray(out, o1 + LANES);
        FloatVector.fromArray(SPECIES, out, o2).add(s20).intoArray(out, o2);
        FloatVector.fromArray(SPECIES, out, o2 + LANES).add(s21).intoArray(out, o2 + LANES);
        FloatVector.fromArray(SPECIES, out, o3).add(s30).intoArray(out, o3);
        FloatVector.fromArray(SPECIES, out, o3 + LANES).add(s31).intoArray(out, o3 + LANES);
        FloatVector.fromArray(SPECIES, out, o4).add(s40).intoArray(out, o4);
        FloatVector.fromArray(SPECIES, out, o4 + LANES).add(s41).intoArray(out, o4 + LANES);
        FloatVector.fromArray(SPECIES, out, o5).add(s50).intoArray(out, o5);
        FloatVector.fromArray(SPECIES, out, o5 + LANES).add(s51).intoArray(out, o5 + LANES);
        FloatVector.fromArray(SPECIES, out, o6).add(s60).intoArray(out, o6);
        FloatVector.fromArray(SPECIES, out, o6 + LANES).add(s61).intoArray(out, o6 + LANES);
        FloatVector.fromArray(SPECIES, out, o7).add(s70).intoArray(out, o7);
        FloatVector.fromArray(SPECIES, out, o7 + LANES).add(s71).intoArray(out, o7 + LANES);
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
        FloatVector.fromArray(SPECIES, out, o0).add(s00).intoArray(out, o0);
        FloatVector.fromArray(SPECIES, out, o0 + LANES).add(s01).intoArray(out, o0 + LANES);
        FloatVector.fromArray(SPECIES, out, o1).add(s10).intoArray(out, o1);
        FloatVector.fromArray(SPECIES, out, o1 + LANES).add(s11).intoArray(out, o1 + LANES);
        FloatVector.fromArray(SPECIES, out, o2).add(s20).intoArray(out, o2);
        FloatVector.fromArray(SPECIES, out, o2 + LANES).add(s21).intoArray(out, o2 + LANES);
        FloatVector.fromArray(SPECIES, out, o3).add(s30).intoArray(out, o3);
        FloatVector.fromArray(SPECIES, out, o3 + LANES).add(s31).intoArray(out, o3 + LANES);
        FloatVector.fromArray(SPECIES, out, o4).add(s40).intoArray(out, o4);
        FloatVector.fromArray(SPECIES, out, o4 + LANES).add(s41).intoArray(out, o4 + LANES);
        FloatVector.fromArray(SPECIES, out, o5).add(s50).intoArray(out, o5);
        FloatVector.fromArray(SPECIES, out, o5 + LANES).add(s51).intoArray(out, o5 + LANES);
    }

    @Override
    public void activate(Activation activation, float[] out, int outOffset, int outStride) {
        // A switch expression, so that an activation which is missing here does not compile.
        boolean gelu = switch (activation) {
            case GELU -> true;
            case RELU -> false;
            case NONE -> throw new IllegalArgumentException("nothing to apply");
        };
        for (int vector = 0; vector < 2 * ROWS; vector++) {
            int at = outOffset + (vector >> 1) * outStride + (vector & 1) * LANES;
            if (gelu) {
                VectorMath.gelu(FloatVector.fromArray(SPECIES, out, at)).intoArray(out, at);
            } else {
                FloatVector.fromArray(SPECIES, out, at).max(0f).intoArray(out, at);
            }
        }
    }
}
