package org.stegokernels.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.stegokernels.device.TrainingKernels.AdamRates;

/** {@link TrainingLanes} in the Vector API. What is left at the end of a row goes through {@link ScalarTraining}. */
final class VectorTraining implements TrainingLanes {
    private static final VectorSpecies<Float> SPECIES = VectorLanes.SPECIES;
    private static final int WIDTH = SPECIES.length();

    private final ScalarTraining tail = new ScalarTraining();

    private static FloatVector load(float[] x, int offset) {
        return FloatVector.fromArray(SPECIES, x, offset);
    }

    /** Returns the sum of the lanes in a fixed order. */
    private static float lanes(FloatVector sum) {
        float[] lanes = new float[WIDTH];
        sum.intoArray(lanes, 0);
        return VectorMath.sum(lanes);
    }

    private static FloatVector all(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    @Override
    public void addScaled(float[] x, int offset, int count, float factor, float[] sum, int sumOffset) {
        FloatVector factors = all(factor);
        int i = 0;
        for (; i <= count - WIDTH; i += WIDTH) {
            load(x, offset + i).fma(factors, load(sum, sumOffset + i)).intoArray(sum, sumOffset + i);
        }
        tail.addScaled(x, offset + i, count - i, factor, sum, sumOffset + i);
    }

    @Override
    public void multiply(float[] x, int offset, float[] y, int yOffset, int count, float[] out, int outOffset) {
        int i = 0;
        for (; i <= count - WIDTH; i += WIDTH) {
            load(x, offset + i).mul(load(y, yOffset + i)).intoArray(out, outOffset + i);
        }
        tail.multiply(x, offset + i, y, yOffset + i, count - i, out, outOffset + i);
    }

    @Override
    public double dot(float[] x, int offset, float[] y, int yOffset, int count) {
        FloatVector sum = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i <= count - WIDTH; i += WIDTH) {
            sum = load(x, offset + i).fma(load(y, yOffset + i), sum);
        }
        return lanes(sum) + tail.dot(x, offset + i, y, yOffset + i, count - i);
    }

    @Override
    public double sum(float[] x, int offset, int count) {
        FloatVector sum = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i <= count - WIDTH; i += WIDTH) {
            sum = load(x, offset + i).add(sum);
        }
        return lanes(sum) + tail.sum(x, offset + i, count - i);
    }

    @Override
    public void subtract(float[] x, int offset, int count, float value) {
        int i = 0;
        for (; i <= count - WIDTH; i += WIDTH) {
            load(x, offset + i).sub(value).intoArray(x, offset + i);
        }
        tail.subtract(x, offset + i, count - i, value);
    }

    @Override
    public void mix(
            float[] x,
            int a,
            int b,
            int c,
            int d,
            float wa,
            float wb,
            float wc,
            float wd,
            int count,
            float[] out,
            int outOffset) {
        int i = 0;
        for (; i <= count - WIDTH; i += WIDTH) {
            FloatVector sum = load(x, a + i).mul(wa);
            sum = load(x, b + i).fma(all(wb), sum);
            sum = load(x, c + i).fma(all(wc), sum);
            load(x, d + i).fma(all(wd), sum).intoArray(out, outOffset + i);
        }
        tail.mix(x, a + i, b + i, c + i, d + i, wa, wb, wc, wd, count - i, out, outOffset + i);
    }

    @Override
    public void positivePart(float[] y, float[] x, int from, int to, float[] out) {
        FloatVector zero = FloatVector.zero(SPECIES);
        int i = from;
        for (; i <= to - WIDTH; i += WIDTH) {
            VectorMask<Float> positive = load(y, i).compare(VectorOperators.GT, zero);
            zero.blend(load(x, i), positive).intoArray(out, i);
        }
        tail.positivePart(y, x, i, to, out);
    }

    @Override
    public void combine(
            float[] x, int offset, float a, float[] y, int yOffset, float b, int count, float[] out, int outOffset) {
        int i = 0;
        for (; i <= count - WIDTH; i += WIDTH) {
            load(x, offset + i).mul(a).add(load(y, yOffset + i).mul(b)).intoArray(out, outOffset + i);
        }
        tail.combine(x, offset + i, a, y, yOffset + i, b, count - i, out, outOffset + i);
    }

    @Override
    public double correspond(
            float[] features,
            int offset,
            float[] codes,
            int codeOffset,
            int count,
            float base,
            float lowest,
            float highest,
            float factor) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector low = all(lowest);
        FloatVector high = all(highest);
        FloatVector sum = zero;
        int i = 0;
        for (; i <= count - WIDTH; i += WIDTH) {
            FloatVector code = load(codes, codeOffset + i);
            FloatVector judgement = load(features, offset + i).sub(base);
            VectorMask<Float> below = code.compare(VectorOperators.LT, low);
            VectorMask<Float> above = code.compare(VectorOperators.GT, high);
            sum = code.blend(low, below).blend(high, above).fma(judgement, sum);
            judgement.mul(factor).blend(zero, below).blend(zero, above).intoArray(codes, codeOffset + i);
        }
        return lanes(sum)
                + tail.correspond(
                        features, offset + i, codes, codeOffset + i, count - i, base, lowest, highest, factor);
    }

    /** One of the loops of {@link #exponentiateColumns}, over a vector of columns. */
    @FunctionalInterface
    private interface Step {
        void run(float[] x, int column, int rows, int width, int stats);
    }

    /**
     * Called in turn from one place, so that the compiler sees three targets there and keeps each a method of its own:
     * inlined into their caller they exceed its budget, and from there on every vector is boxed.
     */
    private static final Step[] STEPS = {
        (x, column, rows, width, stats) -> columnMaximum(x, column, rows, width, stats),
        (x, column, rows, width, stats) -> columnExponentials(x, column, rows, width, stats),
        (x, column, rows, width, stats) -> columnReciprocal(x, column, width, stats),
    };

    @Override
    public void exponentiateColumns(float[] x, int rows, int width, int stats) {
        for (int i = 0; i < width; i += WIDTH) {
            for (Step step : STEPS) {
                step.run(x, i, rows, width, stats);
            }
        }
    }

    private static void columnMaximum(float[] x, int column, int rows, int width, int stats) {
        IntVector ordered = VectorMath.ordered(load(x, column));
        for (int row = 1; row < rows; row++) {
            ordered = VectorMath.ordered(load(x, row * width + column)).max(ordered);
        }
        VectorMath.unordered(ordered).intoArray(x, stats + column);
    }

    private static void columnExponentials(float[] x, int column, int rows, int width, int stats) {
        FloatVector max = load(x, stats + column);
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int row = 0; row < rows; row++) {
            int at = row * width + column;
            FloatVector e = VectorMath.exp(load(x, at).sub(max));
            e.intoArray(x, at);
            sum = e.add(sum);
        }
        sum.intoArray(x, stats + width + column);
    }

    private static void columnReciprocal(float[] x, int column, int width, int stats) {
        FloatVector sum = load(x, stats + width + column);
        all(1).div(sum).intoArray(x, stats + 2 * width + column);
    }

    @Override
    public void addColumns(float[] x, int rows, int width, int factors, float weight, int sum) {
        for (int i = 0; i < width; i += WIDTH) {
            FloatVector factor = load(x, factors + i).mul(weight);
            for (int at = i; at < rows * width; at += width) {
                load(x, at).fma(factor, load(x, sum + at)).intoArray(x, sum + at);
            }
        }
    }

    @Override
    public void adam(
            float[] parameter, float[] gradient, float[] mean, float[] square, int from, int to, AdamRates rates) {
        int i = from;
        for (; i <= to - WIDTH; i += WIDTH) {
            FloatVector g = load(gradient, i);
            FloatVector m = load(mean, i).mul(rates.keepMean()).add(g.mul(rates.newMean()));
            FloatVector v = load(square, i)
                    .mul(rates.keepSquare())
                    .add(g.mul(rates.newSquare()).mul(g));
            m.intoArray(mean, i);
            v.intoArray(square, i);
            FloatVector spread =
                    v.lanewise(VectorOperators.SQRT).mul(rates.spread()).add(rates.epsilon());
            load(parameter, i).sub(m.div(spread).mul(rates.step())).intoArray(parameter, i);
        }
        tail.adam(parameter, gradient, mean, square, i, to, rates);
    }

    @Override
    public int firstAbove(float[] x, int from, int to, float threshold) {
        FloatVector thresholds = all(threshold);
        int i = from;
        for (; i <= to - WIDTH; i += WIDTH) {
            if (load(x, i).compare(VectorOperators.GT, thresholds).anyTrue()) {
                return tail.firstAbove(x, i, to, threshold);
            }
        }
        return tail.firstAbove(x, i, to, threshold);
    }

    @Override
    public int firstAbove(float[] x, int offset, int from, int to, float[] thresholds) {
        int i = from;
        for (; i <= to - WIDTH; i += WIDTH) {
            if (load(x, offset + i)
                    .compare(VectorOperators.GT, load(thresholds, i))
                    .anyTrue()) {
                return tail.firstAbove(x, offset, i, to, thresholds);
            }
        }
        return tail.firstAbove(x, offset, i, to, thresholds);
    }

    @Override
    public void affinity(
            float[] planes,
            int offset,
            int colours,
            int stride,
            int point,
            int from,
            int to,
            CrfLoss.Factors factors,
            float[] out,
            int outOffset) {
        int i = from;
        for (; i <= to - WIDTH; i += WIDTH) {
            FloatVector distance = squares(planes, offset, 2, stride, point, i);
            FloatVector colour = squares(planes, offset + 2 * stride, colours, stride, point, i);
            FloatVector alike = VectorMath.exp(distance.mul(-factors.nearby()).sub(colour.mul(factors.alike())));
            FloatVector near = VectorMath.exp(distance.mul(-factors.beside()));
            alike.mul(factors.w1())
                    .add(near.mul(factors.w2()))
                    .sub(factors.shift())
                    .intoArray(out, outOffset + i);
        }
        tail.affinity(planes, offset, colours, stride, point, i, to, factors, out, outOffset);
    }

    private static FloatVector squares(float[] planes, int offset, int rows, int stride, int point, int other) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int at = offset; at < offset + rows * stride; at += stride) {
            FloatVector difference = load(planes, at + other).sub(planes[at + point]);
            sum = difference.fma(difference, sum);
        }
        return sum;
    }
}
