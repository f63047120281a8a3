package org.stegokernels.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.stegokernels.device.Activation;

/**
 * {@link GemmLanes} in the Vector API: twelve or sixteen sums stay in registers for the whole of K. Written out row by
 * row because a vector in an array would leave its register.
 */
final class VectorGemm implements GemmLanes {
    private static final VectorSpecies<Float> SPECIES = VectorLanes.SPECIES;
    private static final int LANES = SPECIES.length();
    private static final int ROWS = VectorLanes.FEW_REGISTERS ? 6 : 8;
    private static final int COLUMNS = 2 * LANES;

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
            float[] x,
            int xOffset,
            int xStride,
            float[] panel,
            int panelOffset,
            int inputs,
            float[] out,
            int outOffset,
            int outStride) {
        if (VectorLanes.FEW_REGISTERS) {
            sixRows(x, xOffset, xStride, panel, panelOffset, inputs, out, outOffset, outStride);
        } else {
            eightRows(x, xOffset, xStride, panel, panelOffset, inputs, out, outOffset, outStride);
        }
    }

    private static void eightRows(
            float[] x,
            int xOffset,
            int xStride,
            float[] panel,
            int panelOffset,
            int inputs,
            float[] out,
            int outOffset,
            int outStride) {
        int x0 = xOffset;
        int x1 = x0 + xStride;
        int x2 = x1 + xStride;
        int x3 = x2 + xStride;
        int x4 = x3 + xStride;
        int x5 = x4 + xStride;
        int x6 = x5 + xStride;
        int x7 = x6 + xStride;
        int o0 = outOffset;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        int o4 = o3 + outStride;
        int o5 = o4 + outStride;
        int o6 = o5 + outStride;
        int o7 = o6 + outStride;
        FloatVector s00 = FloatVector.fromArray(SPECIES, out, o0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, out, o0 + LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, out, o1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, out, o1 + LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, out, o2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, out, o2 + LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, out, o3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, out, o3 + LANES);
        FloatVector s40 = FloatVector.fromArray(SPECIES, out, o4);
        FloatVector s41 = FloatVector.fromArray(SPECIES, out, o4 + LANES);
        FloatVector s50 = FloatVector.fromArray(SPECIES, out, o5);
        FloatVector s51 = FloatVector.fromArray(SPECIES, out, o5 + LANES);
        FloatVector s60 = FloatVector.fromArray(SPECIES, out, o6);
        FloatVector s61 = FloatVector.fromArray(SPECIES, out, o6 + LANES);
        FloatVector s70 = FloatVector.fromArray(SPECIES, out, o7);
        FloatVector s71 = FloatVector.fromArray(SPECIES, out, o7 + LANES);
        for (int k = 0; k < inputs; k++) {
            FloatVector w0 = FloatVector.fromArray(SPECIES, panel, panelOffset + k * COLUMNS);
            FloatVector w1 = FloatVector.fromArray(SPECIES, panel, panelOffset + k * COLUMNS + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, x[x0 + k]);
            s00 = v0.fma(w0, s00);
            s01 = v0.fma(w1, s01);
            FloatVector v1 = FloatVector.broadcast(SPECIES, x[x1 + k]);
            s10 = v1.fma(w0, s10);
            s11 = v1.fma(w1, s11);
            FloatVector v2 = FloatVector.broadcast(SPECIES, x[x2 + k]);
            s20 = v2.fma(w0, s20);
            s21 = v2.fma(w1, s21);
            FloatVector v3 = FloatVector.broadcast(SPECIES, x[x3 + k]);
            s30 = v3.fma(w0, s30);
            s31 = v3.fma(w1, s31);
            FloatVector v4 = FloatVector.broadcast(SPECIES, x[x4 + k]);
            s40 = v4.fma(w0, s40);
            s41 = v4.fma(w1, s41);
            FloatVector v5 = FloatVector.broadcast(SPECIES, x[x5 + k]);
            s50 = v5.fma(w0, s50);
            s51 = v5.fma(w1, s51);
            FloatVector v6 = FloatVector.broadcast(SPECIES, x[x6 + k]);
            s60 = v6.fma(w0, s60);
            s61 = v6.fma(w1, s61);
            FloatVector v7 = FloatVector.broadcast(SPECIES, x[x7 + k]);
            s70 = v7.fma(w0, s70);
            s71 = v7.fma(w1, s71);
        }
        s00.intoArray(out, o0);
        s01.intoArray(out, o0 + LANES);
        s10.intoArray(out, o1);
        s11.intoArray(out, o1 + LANES);
        s20.intoArray(out, o2);
        s21.intoArray(out, o2 + LANES);
        s30.intoArray(out, o3);
        s31.intoArray(out, o3 + LANES);
        s40.intoArray(out, o4);
        s41.intoArray(out, o4 + LANES);
        s50.intoArray(out, o5);
        s51.intoArray(out, o5 + LANES);
        s60.intoArray(out, o6);
        s61.intoArray(out, o6 + LANES);
        s70.intoArray(out, o7);
        s71.intoArray(out, o7 + LANES);
    }

    /**
     * All sixteen registers of AVX2. The offset {@code w} counts for itself: written as a multiple of k its checks leave
     * the loop, C2 then moves every load to the top, and the sums no longer fit.
     */
    private static void sixRows(
            float[] x,
            int xOffset,
            int xStride,
            float[] panel,
            int panelOffset,
            int inputs,
            float[] out,
            int outOffset,
            int outStride) {
        int x0 = xOffset;
        int x1 = x0 + xStride;
        int x2 = x1 + xStride;
        int x3 = x2 + xStride;
        int x4 = x3 + xStride;
        int x5 = x4 + xStride;
        int o0 = outOffset;
        int o1 = o0 + outStride;
        int o2 = o1 + outStride;
        int o3 = o2 + outStride;
        int o4 = o3 + outStride;
        int o5 = o4 + outStride;
        FloatVector s00 = FloatVector.fromArray(SPECIES, out, o0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, out, o0 + LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, out, o1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, out, o1 + LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, out, o2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, out, o2 + LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, out, o3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, out, o3 + LANES);
        FloatVector s40 = FloatVector.fromArray(SPECIES, out, o4);
        FloatVector s41 = FloatVector.fromArray(SPECIES, out, o4 + LANES);
        FloatVector s50 = FloatVector.fromArray(SPECIES, out, o5);
        FloatVector s51 = FloatVector.fromArray(SPECIES, out, o5 + LANES);
        for (int k = 0, w = panelOffset; k < inputs; k++, w += COLUMNS) {
            FloatVector w0 = FloatVector.fromArray(SPECIES, panel, w);
            FloatVector w1 = FloatVector.fromArray(SPECIES, panel, w + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, x[x0 + k]);
            s00 = v0.fma(w0, s00);
            s01 = v0.fma(w1, s01);
            FloatVector v1 = FloatVector.broadcast(SPECIES, x[x1 + k]);
            s10 = v1.fma(w0, s10);
            s11 = v1.fma(w1, s11);
            FloatVector v2 = FloatVector.broadcast(SPECIES, x[x2 + k]);
            s20 = v2.fma(w0, s20);
            s21 = v2.fma(w1, s21);
            FloatVector v3 = FloatVector.broadcast(SPECIES, x[x3 + k]);
            s30 = v3.fma(w0, s30);
            s31 = v3.fma(w1, s31);
            FloatVector v4 = FloatVector.broadcast(SPECIES, x[x4 + k]);
            s40 = v4.fma(w0, s40);
            s41 = v4.fma(w1, s41);
            FloatVector v5 = FloatVector.broadcast(SPECIES, x[x5 + k]);
            s50 = v5.fma(w0, s50);
            s51 = v5.fma(w1, s51);
        }
        s00.intoArray(out, o0);
        s01.intoArray(out, o0 + LANES);
        s10.intoArray(out, o1);
        s11.intoArray(out, o1 + LANES);
        s20.intoArray(out, o2);
        s21.intoArray(out, o2 + LANES);
        s30.intoArray(out, o3);
        s31.intoArray(out, o3 + LANES);
        s40.intoArray(out, o4);
        s41.intoArray(out, o4 + LANES);
        s50.intoArray(out, o5);
        s51.intoArray(out, o5 + LANES);
    }

    @Override
    public void activate(Activation activation, float[] out, int outOffset, int outStride) {
        for (int row = 0; row < ROWS; row++) {
            int from = outOffset + row * outStride;
            if (activation == Activation.GELU) {
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
