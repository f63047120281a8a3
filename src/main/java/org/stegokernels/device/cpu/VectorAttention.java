package org.stegokernels.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link AttentionLanes} in the Vector API. */
final class VectorAttention implements AttentionLanes {
    private static final VectorSpecies<Float> SPECIES = VectorLanes.SPECIES;
    private static final int LANES = SPECIES.length();

    /** One of the loops of {@link #soften}, over a vector of queries. */
    @FunctionalInterface
    private interface Step {
        void run(float[] scratch, int queries, int scores, int keys, int stats, int sums, int channels);
    }

    /**
     * Called in turn from one place, so that the compiler sees three targets there and keeps each a method of its own:
     * inlined into their caller they exceed its budget, and from there on every vector is boxed.
     */
    private static final Step[] STEPS = {
        (scratch, queries, scores, keys, stats, sums, channels) -> raiseMaximum(scratch, queries, scores, keys, stats),
        (scratch, queries, scores, keys, stats, sums, channels) -> exponentiate(scratch, queries, scores, keys, stats),
        (scratch, queries, scores, keys, stats, sums, channels) -> rescale(scratch, queries, stats, sums, channels),
    };

    @Override
    public void soften(float[] scratch, int queries, int scores, int keys, int stats, int sums, int channels) {
        for (int lane = 0; lane < queries; lane += LANES) {
            for (Step step : STEPS) {
                step.run(scratch, queries, scores + lane, keys, stats + lane, sums + lane, channels);
            }
        }
    }

    /** Brings the maximum up to date and leaves {@code 2^(old - new)} after maximum and sum, at {@code 2 queries}. */
    private static void raiseMaximum(float[] scratch, int queries, int scores, int keys, int stats) {
        FloatVector before = FloatVector.fromArray(SPECIES, scratch, stats);
        IntVector ordered = VectorMath.ordered(before);
        for (int key = 0; key < keys; key++) {
            ordered = VectorMath.ordered(FloatVector.fromArray(SPECIES, scratch, scores + key * queries))
                    .max(ordered);
        }
        FloatVector maximum = VectorMath.unordered(ordered);
        maximum.intoArray(scratch, stats);
        VectorMath.exp2Negated(maximum.sub(before)).intoArray(scratch, stats + 2 * queries);
    }

    private static void exponentiate(float[] scratch, int queries, int scores, int keys, int stats) {
        FloatVector maximum = FloatVector.fromArray(SPECIES, scratch, stats);
        FloatVector sum = FloatVector.fromArray(SPECIES, scratch, stats + queries)
                .mul(FloatVector.fromArray(SPECIES, scratch, stats + 2 * queries));
        for (int key = 0; key < keys; key++) {
            int at = scores + key * queries;
            FloatVector weight = VectorMath.exp2Negated(maximum.sub(FloatVector.fromArray(SPECIES, scratch, at)));
            weight.intoArray(scratch, at);
            sum = weight.add(sum);
        }
        sum.intoArray(scratch, stats + queries);
    }

    private static void rescale(float[] scratch, int queries, int stats, int sums, int channels) {
        FloatVector factor = FloatVector.fromArray(SPECIES, scratch, stats + 2 * queries);
        for (int channel = 0; channel < channels; channel++) {
            int at = sums + channel * queries;
            FloatVector.fromArray(SPECIES, scratch, at).mul(factor).intoArray(scratch, at);
        }
    }
}
