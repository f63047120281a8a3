package org.stegokernels.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link AttentionLanes} in the Vector API; see {@link VectorGemm} for why it is written out row by row. */
final class VectorAttention implements AttentionLanes {
    private static final VectorSpecies<Float> SPECIES = VectorLanes.SPECIES;
    private static final int LANES = SPECIES.length();
    private static final int QUERIES = 2 * LANES;

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
        if (VectorLanes.FEW_REGISTERS) {
            fourRows(rows, rowsOffset, scratch, columnsOffset, depth, outOffset, accumulate);
            fourRows(rows, rowsOffset + 4, scratch, columnsOffset, depth, outOffset + 4 * QUERIES, accumulate);
        } else {
            eightRows(rows, rowsOffset, scratch, columnsOffset, depth, outOffset, accumulate);
        }
    }

    private static void eightRows(
            float[] rows,
            int rowsOffset,
            float[] scratch,
            int columnsOffset,
            int depth,
            int outOffset,
            boolean accumulate) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector s00 = zero;
        FloatVector s01 = zero;
        FloatVector s10 = zero;
        FloatVector s11 = zero;
        FloatVector s20 = zero;
        FloatVector s21 = zero;
        FloatVector s30 = zero;
        FloatVector s31 = zero;
        FloatVector s40 = zero;
        FloatVector s41 = zero;
        FloatVector s50 = zero;
        FloatVector s51 = zero;
        FloatVector s60 = zero;
        FloatVector s61 = zero;
        FloatVector s70 = zero;
        FloatVector s71 = zero;
        if (accumulate) {
            s00 = FloatVector.fromArray(SPECIES, scratch, outOffset);
            s01 = FloatVector.fromArray(SPECIES, scratch, outOffset + LANES);
            s10 = FloatVector.fromArray(SPECIES, scratch, outOffset + QUERIES);
            s11 = FloatVector.fromArray(SPECIES, scratch, outOffset + QUERIES + LANES);
            s20 = FloatVector.fromArray(SPECIES, scratch, outOffset + 2 * QUERIES);
            s21 = FloatVector.fromArray(SPECIES, scratch, outOffset + 2 * QUERIES + LANES);
            s30 = FloatVector.fromArray(SPECIES, scratch, outOffset + 3 * QUERIES);
            s31 = FloatVector.fromArray(SPECIES, scratch, outOffset + 3 * QUERIES + LANES);
            s40 = FloatVector.fromArray(SPECIES, scratch, outOffset + 4 * QUERIES);
            s41 = FloatVector.fromArray(SPECIES, scratch, outOffset + 4 * QUERIES + LANES);
            s50 = FloatVector.fromArray(SPECIES, scratch, outOffset + 5 * QUERIES);
            s51 = FloatVector.fromArray(SPECIES, scratch, outOffset + 5 * QUERIES + LANES);
            s60 = FloatVector.fromArray(SPECIES, scratch, outOffset + 6 * QUERIES);
            s61 = FloatVector.fromArray(SPECIES, scratch, outOffset + 6 * QUERIES + LANES);
            s70 = FloatVector.fromArray(SPECIES, scratch, outOffset + 7 * QUERIES);
            s71 = FloatVector.fromArray(SPECIES, scratch, outOffset + 7 * QUERIES + LANES);
        }
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = FloatVector.fromArray(SPECIES, scratch, columnsOffset + k * QUERIES);
            FloatVector c1 = FloatVector.fromArray(SPECIES, scratch, columnsOffset + k * QUERIES + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, rows[rowsOffset + k * ROWS]);
            s00 = v0.fma(c0, s00);
            s01 = v0.fma(c1, s01);
            FloatVector v1 = FloatVector.broadcast(SPECIES, rows[rowsOffset + k * ROWS + 1]);
            s10 = v1.fma(c0, s10);
            s11 = v1.fma(c1, s11);
            FloatVector v2 = FloatVector.broadcast(SPECIES, rows[rowsOffset + k * ROWS + 2]);
            s20 = v2.fma(c0, s20);
            s21 = v2.fma(c1, s21);
            FloatVector v3 = FloatVector.broadcast(SPECIES, rows[rowsOffset + k * ROWS + 3]);
            s30 = v3.fma(c0, s30);
            s31 = v3.fma(c1, s31);
            FloatVector v4 = FloatVector.broadcast(SPECIES, rows[rowsOffset + k * ROWS + 4]);
            s40 = v4.fma(c0, s40);
            s41 = v4.fma(c1, s41);
            FloatVector v5 = FloatVector.broadcast(SPECIES, rows[rowsOffset + k * ROWS + 5]);
            s50 = v5.fma(c0, s50);
            s51 = v5.fma(c1, s51);
            FloatVector v6 = FloatVector.broadcast(SPECIES, rows[rowsOffset + k * ROWS + 6]);
            s60 = v6.fma(c0, s60);
            s61 = v6.fma(c1, s61);
            FloatVector v7 = FloatVector.broadcast(SPECIES, rows[rowsOffset + k * ROWS + 7]);
            s70 = v7.fma(c0, s70);
            s71 = v7.fma(c1, s71);
        }
        s00.intoArray(scratch, outOffset);
        s01.intoArray(scratch, outOffset + LANES);
        s10.intoArray(scratch, outOffset + QUERIES);
        s11.intoArray(scratch, outOffset + QUERIES + LANES);
        s20.intoArray(scratch, outOffset + 2 * QUERIES);
        s21.intoArray(scratch, outOffset + 2 * QUERIES + LANES);
        s30.intoArray(scratch, outOffset + 3 * QUERIES);
        s31.intoArray(scratch, outOffset + 3 * QUERIES + LANES);
        s40.intoArray(scratch, outOffset + 4 * QUERIES);
        s41.intoArray(scratch, outOffset + 4 * QUERIES + LANES);
        s50.intoArray(scratch, outOffset + 5 * QUERIES);
        s51.intoArray(scratch, outOffset + 5 * QUERIES + LANES);
        s60.intoArray(scratch, outOffset + 6 * QUERIES);
        s61.intoArray(scratch, outOffset + 6 * QUERIES + LANES);
        s70.intoArray(scratch, outOffset + 7 * QUERIES);
        s71.intoArray(scratch, outOffset + 7 * QUERIES + LANES);
    }

    private static void fourRows(
            float[] rows,
            int rowsOffset,
            float[] scratch,
            int columnsOffset,
            int depth,
            int outOffset,
            boolean accumulate) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector s00 = zero;
        FloatVector s01 = zero;
        FloatVector s10 = zero;
        FloatVector s11 = zero;
        FloatVector s20 = zero;
        FloatVector s21 = zero;
        FloatVector s30 = zero;
        FloatVector s31 = zero;
        if (accumulate) {
            s00 = FloatVector.fromArray(SPECIES, scratch, outOffset);
            s01 = FloatVector.fromArray(SPECIES, scratch, outOffset + LANES);
            s10 = FloatVector.fromArray(SPECIES, scratch, outOffset + QUERIES);
            s11 = FloatVector.fromArray(SPECIES, scratch, outOffset + QUERIES + LANES);
            s20 = FloatVector.fromArray(SPECIES, scratch, outOffset + 2 * QUERIES);
            s21 = FloatVector.fromArray(SPECIES, scratch, outOffset + 2 * QUERIES + LANES);
            s30 = FloatVector.fromArray(SPECIES, scratch, outOffset + 3 * QUERIES);
            s31 = FloatVector.fromArray(SPECIES, scratch, outOffset + 3 * QUERIES + LANES);
        }
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = FloatVector.fromArray(SPECIES, scratch, columnsOffset + k * QUERIES);
            FloatVector c1 = FloatVector.fromArray(SPECIES, scratch, columnsOffset + k * QUERIES + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, rows[rowsOffset + k * ROWS]);
            s00 = v0.fma(c0, s00);
            s01 = v0.fma(c1, s01);
            FloatVector v1 = FloatVector.broadcast(SPECIES, rows[rowsOffset + k * ROWS + 1]);
            s10 = v1.fma(c0, s10);
            s11 = v1.fma(c1, s11);
            FloatVector v2 = FloatVector.broadcast(SPECIES, rows[rowsOffset + k * ROWS + 2]);
            s20 = v2.fma(c0, s20);
            s21 = v2.fma(c1, s21);
            FloatVector v3 = FloatVector.broadcast(SPECIES, rows[rowsOffset + k * ROWS + 3]);
            s30 = v3.fma(c0, s30);
            s31 = v3.fma(c1, s31);
        }
        s00.intoArray(scratch, outOffset);
        s01.intoArray(scratch, outOffset + LANES);
        s10.intoArray(scratch, outOffset + QUERIES);
        s11.intoArray(scratch, outOffset + QUERIES + LANES);
        s20.intoArray(scratch, outOffset + 2 * QUERIES);
        s21.intoArray(scratch, outOffset + 2 * QUERIES + LANES);
        s30.intoArray(scratch, outOffset + 3 * QUERIES);
        s31.intoArray(scratch, outOffset + 3 * QUERIES + LANES);
    }

    /** One of the loops of {@link #soften}, over a vector of queries. */
    @FunctionalInterface
    private interface Step {
        void run(float[] scratch, int scores, int keys, int stats, int sums, int channels);
    }

    /**
     * Called in turn from one place, so that the compiler sees three targets there and keeps each a method of its own:
     * inlined into their caller they exceed its budget, and from there on every vector is boxed.
     */
    private static final Step[] STEPS = {
        (scratch, scores, keys, stats, sums, channels) -> raiseMaximum(scratch, scores, keys, stats),
        (scratch, scores, keys, stats, sums, channels) -> exponentiate(scratch, scores, keys, stats),
        (scratch, scores, keys, stats, sums, channels) -> rescale(scratch, stats, sums, channels),
    };

    @Override
    public void soften(float[] scratch, int scores, int keys, int stats, int sums, int channels) {
        for (int lane = 0; lane < QUERIES; lane += LANES) {
            for (Step step : STEPS) {
                step.run(scratch, scores + lane, keys, stats + lane, sums + lane, channels);
            }
        }
    }

    /** Brings the maximum up to date and leaves {@code 2^(old - new)} behind maximum and sum, at {@code 2 QUERIES}. */
    private static void raiseMaximum(float[] scratch, int scores, int keys, int stats) {
        FloatVector before = FloatVector.fromArray(SPECIES, scratch, stats);
        IntVector ordered = VectorMath.ordered(before);
        for (int key = 0; key < keys; key++) {
            ordered = ordered.max(VectorMath.ordered(FloatVector.fromArray(SPECIES, scratch, scores + key * QUERIES)));
        }
        FloatVector maximum = VectorMath.unordered(ordered);
        maximum.intoArray(scratch, stats);
        VectorMath.exp2Negated(maximum.sub(before)).intoArray(scratch, stats + 2 * QUERIES);
    }

    private static void exponentiate(float[] scratch, int scores, int keys, int stats) {
        FloatVector maximum = FloatVector.fromArray(SPECIES, scratch, stats);
        FloatVector sum = FloatVector.fromArray(SPECIES, scratch, stats + QUERIES)
                .mul(FloatVector.fromArray(SPECIES, scratch, stats + 2 * QUERIES));
        for (int key = 0; key < keys; key++) {
            int at = scores + key * QUERIES;
            FloatVector weight = VectorMath.exp2Negated(maximum.sub(FloatVector.fromArray(SPECIES, scratch, at)));
            weight.intoArray(scratch, at);
            sum = sum.add(weight);
        }
        sum.intoArray(scratch, stats + QUERIES);
    }

    private static void rescale(float[] scratch, int stats, int sums, int channels) {
        FloatVector factor = FloatVector.fromArray(SPECIES, scratch, stats + 2 * QUERIES);
        for (int channel = 0; channel < channels; channel++) {
            int at = sums + channel * QUERIES;
            FloatVector.fromArray(SPECIES, scratch, at).mul(factor).intoArray(scratch, at);
        }
    }
}
