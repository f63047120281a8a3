package org.stegokernels.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The Vector API. 32 channels of a row go side by side in one pass: two vectors on AVX-512, four on AVX2; what remains
 * of a row goes in single vectors.
 *
 * <p>No helper here takes or returns a vector: inside a large compilation C2 stops inlining small methods (its
 * NodeCountInliningCutoff) but for those of the Vector API itself, and a vector that crosses a call is an object, which
 * costs ten times the arithmetic.
 */
final class VectorLattice implements LatticeLanes {
    private static final VectorSpecies<Float> SPECIES = VectorLanes.SPECIES;
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SPECIES.vectorShape());
    private static final int WIDTH = SPECIES.length();
    private static final int PAIR = 2 * WIDTH;
    private static final int QUAD = 4 * WIDTH;
    private static final boolean QUADS = QUAD <= 32;

    @Override
    public void splat(float[] x, SparseRows rows, int from, int to, int width, float[] values) {
        int[] starts = rows.starts();
        int[] points = rows.columns();
        float[] weights = rows.weights();
        for (int v = from; v < to; v++) {
            int begin = starts[v];
            int end = starts[v + 1];
            int out = LEAD + v * width;
            int c = LEAD;
            for (; QUADS && c <= LEAD + width - QUAD; c += QUAD, out += QUAD) {
                FloatVector first = FloatVector.broadcast(SPECIES, 0f);
                FloatVector second = FloatVector.broadcast(SPECIES, 0f);
                FloatVector third = FloatVector.broadcast(SPECIES, 0f);
                FloatVector fourth = FloatVector.broadcast(SPECIES, 0f);
                for (int e = begin; e < end; e++) {
                    FloatVector weight = FloatVector.broadcast(SPECIES, weights[e]);
                    int row = points[e] * width + c;
                    first = FloatVector.fromArray(SPECIES, x, row).fma(weight, first);
                    second = FloatVector.fromArray(SPECIES, x, row + WIDTH).fma(weight, second);
                    third = FloatVector.fromArray(SPECIES, x, row + 2 * WIDTH).fma(weight, third);
                    fourth = FloatVector.fromArray(SPECIES, x, row + 3 * WIDTH).fma(weight, fourth);
                }
                first.intoArray(values, out);
                second.intoArray(values, out + WIDTH);
                third.intoArray(values, out + 2 * WIDTH);
                fourth.intoArray(values, out + 3 * WIDTH);
            }
            for (; !QUADS && c <= LEAD + width - PAIR; c += PAIR, out += PAIR) {
                FloatVector low = FloatVector.broadcast(SPECIES, 0f);
                FloatVector high = FloatVector.broadcast(SPECIES, 0f);
                for (int e = begin; e < end; e++) {
                    FloatVector weight = FloatVector.broadcast(SPECIES, weights[e]);
                    int row = points[e] * width + c;
                    low = FloatVector.fromArray(SPECIES, x, row).fma(weight, low);
                    high = FloatVector.fromArray(SPECIES, x, row + WIDTH).fma(weight, high);
                }
                low.intoArray(values, out);
                high.intoArray(values, out + WIDTH);
            }
            for (; c < LEAD + width; c += WIDTH, out += WIDTH) {
                FloatVector sum = FloatVector.broadcast(SPECIES, 0f);
                for (int e = begin; e < end; e++) {
                    sum = FloatVector.fromArray(SPECIES, x, points[e] * width + c)
                            .fma(FloatVector.broadcast(SPECIES, weights[e]), sum);
                }
                sum.intoArray(values, out);
            }
        }
    }

    @Override
    public void blur(float[] values, int[] chains, int from, int to, int end, int spare, int width) {
        int c = LEAD;
        for (; QUADS && c <= LEAD + width - QUAD; c += QUAD) {
            blurQuad(values, chains, from, to, end, spare, width, c);
        }
        for (; !QUADS && c <= LEAD + width - PAIR; c += PAIR) {
            blurPair(values, chains, from, to, end, spare, width, c);
        }
        for (; c < LEAD + width; c += WIDTH) {
            blurOne(values, chains, from, to, end, spare, width, c);
        }
    }

    private static void blurQuad(float[] values, int[] chains, int from, int to, int end, int spare, int width, int c) {
        int toSpare = spare - end;
        FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector before0 = FloatVector.broadcast(SPECIES, 0f);
        FloatVector before1 = before0;
        FloatVector before2 = before0;
        FloatVector before3 = before0;
        int row = chains[from] * width + c;
        FloatVector own0 = FloatVector.fromArray(SPECIES, values, row);
        FloatVector own1 = FloatVector.fromArray(SPECIES, values, row + WIDTH);
        FloatVector own2 = FloatVector.fromArray(SPECIES, values, row + 2 * WIDTH);
        FloatVector own3 = FloatVector.fromArray(SPECIES, values, row + 3 * WIDTH);
        for (int i = from; i < to - 1; i++) {
            int out = target(chains[i], end, toSpare) * width + c;
            int after = chains[i + 1] * width + c;
            FloatVector after0 = FloatVector.fromArray(SPECIES, values, after);
            FloatVector after1 = FloatVector.fromArray(SPECIES, values, after + WIDTH);
            FloatVector after2 = FloatVector.fromArray(SPECIES, values, after + 2 * WIDTH);
            FloatVector after3 = FloatVector.fromArray(SPECIES, values, after + 3 * WIDTH);
            before0.add(after0).fma(half, own0).intoArray(values, out);
            before1.add(after1).fma(half, own1).intoArray(values, out + WIDTH);
            before2.add(after2).fma(half, own2).intoArray(values, out + 2 * WIDTH);
            before3.add(after3).fma(half, own3).intoArray(values, out + 3 * WIDTH);
            before0 = own0;
            before1 = own1;
            before2 = own2;
            before3 = own3;
            own0 = after0;
            own1 = after1;
            own2 = after2;
            own3 = after3;
        }
    }

    private static void blurPair(float[] values, int[] chains, int from, int to, int end, int spare, int width, int c) {
        int toSpare = spare - end;
        FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector lowBefore = FloatVector.broadcast(SPECIES, 0f);
        FloatVector highBefore = FloatVector.broadcast(SPECIES, 0f);
        int row = chains[from] * width + c;
        FloatVector low = FloatVector.fromArray(SPECIES, values, row);
        FloatVector high = FloatVector.fromArray(SPECIES, values, row + WIDTH);
        for (int i = from; i < to - 1; i++) {
            int out = target(chains[i], end, toSpare) * width + c;
            int after = chains[i + 1] * width + c;
            FloatVector lowAfter = FloatVector.fromArray(SPECIES, values, after);
            FloatVector highAfter = FloatVector.fromArray(SPECIES, values, after + WIDTH);
            lowBefore.add(lowAfter).fma(half, low).intoArray(values, out);
            highBefore.add(highAfter).fma(half, high).intoArray(values, out + WIDTH);
            lowBefore = low;
            highBefore = high;
            low = lowAfter;
            high = highAfter;
        }
    }

    private static void blurOne(float[] values, int[] chains, int from, int to, int end, int spare, int width, int c) {
        int toSpare = spare - end;
        FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector before = FloatVector.broadcast(SPECIES, 0f);
        FloatVector own = FloatVector.fromArray(SPECIES, values, chains[from] * width + c);
        for (int i = from; i < to - 1; i++) {
            int out = target(chains[i], end, toSpare) * width + c;
            FloatVector after = FloatVector.fromArray(SPECIES, values, chains[i + 1] * width + c);
            before.add(after).fma(half, own).intoArray(values, out);
            before = own;
            own = after;
        }
    }

    /** Returns the row to write: the vertex, or the spare row instead of the zeros. No branch, chains being short. */
    private static int target(int vertex, int end, int toSpare) {
        return vertex + (end - 1 - vertex >> 31 & toSpare);
    }

    @Override
    public void slice(float[] values, SparseRows rows, float scale, int from, int to, int width, float[] sum) {
        int[] starts = rows.starts();
        int[] columns = rows.columns();
        float[] weights = rows.weights();
        for (int p = from; p < to; p++) {
            int begin = starts[p];
            int end = starts[p + 1];
            int out = LEAD + (p - from) * width;
            int c = LEAD;
            for (; QUADS && c <= LEAD + width - QUAD; c += QUAD, out += QUAD) {
                FloatVector first = FloatVector.fromArray(SPECIES, sum, out);
                FloatVector second = FloatVector.fromArray(SPECIES, sum, out + WIDTH);
                FloatVector third = FloatVector.fromArray(SPECIES, sum, out + 2 * WIDTH);
                FloatVector fourth = FloatVector.fromArray(SPECIES, sum, out + 3 * WIDTH);
                for (int e = begin; e < end; e++) {
                    FloatVector weight = FloatVector.broadcast(SPECIES, scale * weights[e]);
                    int row = columns[e] * width + c;
                    first = FloatVector.fromArray(SPECIES, values, row).fma(weight, first);
                    second = FloatVector.fromArray(SPECIES, values, row + WIDTH).fma(weight, second);
                    third = FloatVector.fromArray(SPECIES, values, row + 2 * WIDTH)
                            .fma(weight, third);
                    fourth = FloatVector.fromArray(SPECIES, values, row + 3 * WIDTH)
                            .fma(weight, fourth);
                }
                first.intoArray(sum, out);
                second.intoArray(sum, out + WIDTH);
                third.intoArray(sum, out + 2 * WIDTH);
                fourth.intoArray(sum, out + 3 * WIDTH);
            }
            for (; !QUADS && c <= LEAD + width - PAIR; c += PAIR, out += PAIR) {
                FloatVector low = FloatVector.fromArray(SPECIES, sum, out);
                FloatVector high = FloatVector.fromArray(SPECIES, sum, out + WIDTH);
                for (int e = begin; e < end; e++) {
                    FloatVector weight = FloatVector.broadcast(SPECIES, scale * weights[e]);
                    int row = columns[e] * width + c;
                    low = FloatVector.fromArray(SPECIES, values, row).fma(weight, low);
                    high = FloatVector.fromArray(SPECIES, values, row + WIDTH).fma(weight, high);
                }
                low.intoArray(sum, out);
                high.intoArray(sum, out + WIDTH);
            }
            for (; c < LEAD + width; c += WIDTH, out += WIDTH) {
                FloatVector total = FloatVector.fromArray(SPECIES, sum, out);
                for (int e = begin; e < end; e++) {
                    total = FloatVector.fromArray(SPECIES, values, columns[e] * width + c)
                            .fma(FloatVector.broadcast(SPECIES, scale * weights[e]), total);
                }
                total.intoArray(sum, out);
            }
        }
    }

    @Override
    public void softmax(float[] x, int rows, int width, float[] out, int outRow) {
        float[] sums = new float[WIDTH];
        for (int r = 0; r < rows; r++) {
            int from = LEAD + r * width;
            int to = LEAD + (outRow + r) * width;
            exponentials(x, from, max(x, from, width), width, out, to, sums);
            scale(out, to, width, 1 / VectorMath.sum(sums));
        }
    }

    /**
     * Returns the largest float, found among integers in the same order: one instruction each, where floats take
     * six.
     */
    private static float max(float[] x, int from, int width) {
        IntVector most = IntVector.broadcast(INTS, Integer.MIN_VALUE);
        for (int c = from; c < from + width; c += WIDTH) {
            IntVector bits = FloatVector.fromArray(SPECIES, x, c).reinterpretAsInts();
            IntVector magnitude = bits.lanewise(VectorOperators.ASHR, 31).lanewise(VectorOperators.LSHR, 1);
            most = bits.lanewise(VectorOperators.XOR, magnitude).max(most);
        }
        int bits = most.reduceLanes(VectorOperators.MAX);
        return Float.intBitsToFloat(bits ^ (bits >> 31 >>> 1));
    }

    /**
     * Computes {@code out = exp(x - max)}, the steps of {@link VectorMath#exp2Negated} written out, and its sums lane
     * by lane.
     */
    private static void exponentials(float[] x, int from, float max, int width, float[] out, int to, float[] lanes) {
        FloatVector maxima = FloatVector.broadcast(SPECIES, max);
        FloatVector log2e = FloatVector.broadcast(SPECIES, ScalarMath.LOG2_E);
        IntVector lowest =
                FloatVector.broadcast(SPECIES, ScalarMath.EXP2_LOWEST).reinterpretAsInts();
        FloatVector shifter = FloatVector.broadcast(SPECIES, ScalarMath.EXPONENT_SHIFTER);
        FloatVector sums = FloatVector.broadcast(SPECIES, 0f);
        for (int c = 0; c < width; c += WIDTH) {
            FloatVector negated =
                    maxima.sub(FloatVector.fromArray(SPECIES, x, from + c)).mul(log2e);
            FloatVector clamped = negated.reinterpretAsInts().min(lowest).reinterpretAsFloats();
            FloatVector shifted = shifter.sub(clamped);
            FloatVector r = shifter.sub(shifted).sub(clamped);
            FloatVector p =
                    r.fma(FloatVector.broadcast(SPECIES, ScalarMath.P4), FloatVector.broadcast(SPECIES, ScalarMath.P3));
            p = r.fma(p, FloatVector.broadcast(SPECIES, ScalarMath.P2));
            p = r.fma(p, FloatVector.broadcast(SPECIES, ScalarMath.P1));
            p = r.fma(p, FloatVector.broadcast(SPECIES, ScalarMath.P0));
            p = r.fma(p, FloatVector.broadcast(SPECIES, 1f));
            IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, ScalarMath.MANTISSA_BITS);
            FloatVector e = p.mul(exponent.reinterpretAsFloats());
            e.intoArray(out, to + c);
            sums = e.add(sums);
        }
        sums.intoArray(lanes, 0);
    }

    private static void scale(float[] x, int from, int width, float factor) {
        for (int c = from; c < from + width; c += WIDTH) {
            FloatVector.fromArray(SPECIES, x, c).mul(factor).intoArray(x, c);
        }
    }
}
