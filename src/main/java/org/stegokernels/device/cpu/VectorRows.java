package org.stegokernels.device.cpu;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The Vector API. A row that is no multiple of the vector ends in a vector that overlaps the one before: maps compute
 * the shared elements twice, sums weigh them with 0. In place this is safe because the last vector is loaded before
 * the first is stored. Rows narrower than one vector are left to {@link ScalarRows}.
 *
 * <p>Methods here take and return scalars and arrays, and hardly ever vectors: in a large caller the compiler (C2)
 * stops inlining, and then a vector argument becomes an object. {@link VectorMath#exp} and {@link VectorMath#gelu} are
 * called in one place of a loop for the same reason.
 */
final class VectorRows implements RowLanes {
    private static final VectorSpecies<Float> SPECIES = VectorLanes.SPECIES;
    private static final int WIDTH = SPECIES.length();

    /** Sums of squares below this lose digits, as those past the largest float do: they are added up in double. */
    private static final float SMALLEST_SQUARE = 1e-30f;

    /** {@code WIDTH} zeros, then {@code WIDTH} ones: loaded from n, its last n lanes are 1. */
    private static final float[] STEP = new float[2 * WIDTH];

    static {
        Arrays.fill(STEP, WIDTH, 2 * WIDTH, 1f);
    }

    private final ScalarRows narrow = new ScalarRows();

    /** Returns the place in {@link #STEP} of the vector that is 1 in the lanes a row's last vector has to itself. */
    private static int lastLanes(int channels) {
        return (channels - 1) % WIDTH + 1;
    }

    @Override
    public void layerNorm(
            float[] x, int offset, int rows, int channels, float[] gamma, float[] beta, float epsilon, float[] out) {
        if (channels < WIDTH) {
            narrow.layerNorm(x, offset, rows, channels, gamma, beta, epsilon, out);
            return;
        }
        float[] lanes = new float[WIDTH];
        float[] squares = new float[WIDTH];
        for (int row = offset; row < offset + rows * channels; row += channels) {
            float mean = sum(x, row, channels, lanes) / channels;
            float rest = deviations(x, row, channels, mean, lanes, squares) / channels;
            float variance = Math.max(0, VectorMath.sum(squares) / channels - rest * rest);
            float factor = (float) (1 / Math.sqrt(variance + epsilon));
            layerNormRow(x, row, channels, mean, rest, factor, gamma, beta, out);
        }
    }

    /** @param rest what a float can't hold of the mean */
    private static void layerNormRow(
            float[] x,
            int row,
            int channels,
            float mean,
            float rest,
            float factor,
            float[] gamma,
            float[] beta,
            float[] out) {
        int end = channels - WIDTH;
        FloatVector last = FloatVector.fromArray(SPECIES, x, row + end)
                .sub(mean)
                .sub(rest)
                .mul(factor)
                .fma(FloatVector.fromArray(SPECIES, gamma, end), FloatVector.fromArray(SPECIES, beta, end));
        for (int c = 0; c < end; c += WIDTH) {
            FloatVector.fromArray(SPECIES, x, row + c)
                    .sub(mean)
                    .sub(rest)
                    .mul(factor)
                    .fma(FloatVector.fromArray(SPECIES, gamma, c), FloatVector.fromArray(SPECIES, beta, c))
                    .intoArray(out, row + c);
        }
        last.intoArray(out, row + end);
    }

    private static float sum(float[] x, int row, int channels, float[] lanes) {
        int end = channels - WIDTH;
        FloatVector sum = FloatVector.fromArray(SPECIES, x, row + end)
                .mul(FloatVector.fromArray(SPECIES, STEP, lastLanes(channels)));
        for (int c = 0; c < end; c += WIDTH) {
            sum = FloatVector.fromArray(SPECIES, x, row + c).add(sum);
        }
        sum.intoArray(lanes, 0);
        return VectorMath.sum(lanes);
    }

    /**
     * Returns the sum of the deviations from {@code mean}: 0 but for rounding, which counts where the mean is large.
     *
     * @param squares lanes whose sum is that of the squared deviations
     */
    private static float deviations(float[] x, int row, int channels, float mean, float[] lanes, float[] squares) {
        int end = channels - WIDTH;
        FloatVector last = FloatVector.fromArray(SPECIES, x, row + end).sub(mean);
        FloatVector sum = last.mul(FloatVector.fromArray(SPECIES, STEP, lastLanes(channels)));
        FloatVector squared = sum.mul(last);
        for (int c = 0; c < end; c += WIDTH) {
            FloatVector deviation = FloatVector.fromArray(SPECIES, x, row + c).sub(mean);
            sum = sum.add(deviation);
            squared = deviation.fma(deviation, squared);
        }
        sum.intoArray(lanes, 0);
        squared.intoArray(squares, 0);
        return VectorMath.sum(lanes);
    }

    private static float squares(float[] x, int row, int channels, float[] lanes) {
        int end = channels - WIDTH;
        FloatVector last = FloatVector.fromArray(SPECIES, x, row + end);
        FloatVector sum = last.mul(FloatVector.fromArray(SPECIES, STEP, lastLanes(channels)))
                .mul(last);
        for (int c = 0; c < end; c += WIDTH) {
            FloatVector value = FloatVector.fromArray(SPECIES, x, row + c);
            sum = value.fma(value, sum);
        }
        sum.intoArray(lanes, 0);
        return VectorMath.sum(lanes);
    }

    @Override
    public void gelu(float[] x, int from, int to, float[] out) {
        int i = from;
        for (; i <= to - WIDTH; i += WIDTH) {
            VectorMath.gelu(FloatVector.fromArray(SPECIES, x, i)).intoArray(out, i);
        }
        narrow.gelu(x, i, to, out);
    }

    @Override
    public void swiGlu(float[] x, int offset, int channels, float[] out, int outOffset) {
        int c = 0;
        for (; c <= channels - WIDTH; c += WIDTH) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, offset + c);
            a.div(VectorMath.exp(a.neg()).add(1))
                    .mul(FloatVector.fromArray(SPECIES, x, offset + channels + c))
                    .intoArray(out, outOffset + c);
        }
        narrow.swiGlu(x, offset, channels, c, out, outOffset);
    }

    @Override
    public void rope(float[] cos, float[] sin, int angles, int half, float[] x, int offset, int heads) {
        int whole = half / WIDTH * WIDTH;
        for (int head = offset; head < offset + heads * 2 * half; head += 2 * half) {
            for (int c = 0; c < whole; c += WIDTH) {
                FloatVector first = FloatVector.fromArray(SPECIES, x, head + c);
                FloatVector second = FloatVector.fromArray(SPECIES, x, head + half + c);
                FloatVector cosine = FloatVector.fromArray(SPECIES, cos, angles + c);
                FloatVector sine = FloatVector.fromArray(SPECIES, sin, angles + c);
                first.fma(cosine, second.mul(sine).neg()).intoArray(x, head + c);
                second.fma(cosine, first.mul(sine)).intoArray(x, head + half + c);
            }
            narrow.turn(cos, sin, angles, half, x, head, whole);
        }
    }

    @Override
    public void normalize(float[] x, int offset, int rows, int channels, float epsilon, float[] out) {
        if (channels < WIDTH) {
            narrow.normalize(x, offset, rows, channels, epsilon, out);
            return;
        }
        float[] lanes = new float[WIDTH];
        for (int row = offset; row < offset + rows * channels; row += channels) {
            float squares = squares(x, row, channels, lanes);
            if (squares >= SMALLEST_SQUARE && squares <= Float.MAX_VALUE) {
                multiply(x, row, channels, (float) (1 / Math.max(Math.sqrt(squares), epsilon)), out, row);
            } else {
                narrow.normalize(x, row, 1, channels, epsilon, out);
            }
        }
    }

    private static void multiply(float[] x, int from, int channels, float factor, float[] out, int to) {
        int end = channels - WIDTH;
        FloatVector last = FloatVector.fromArray(SPECIES, x, from + end).mul(factor);
        for (int c = 0; c < end; c += WIDTH) {
            FloatVector.fromArray(SPECIES, x, from + c).mul(factor).intoArray(out, to + c);
        }
        last.intoArray(out, to + end);
    }

    @Override
    public void softmax(float[] x, int offset, int rows, int channels, float scale, float[] scratch, float[] out) {
        if (channels < WIDTH) {
            narrow.softmax(x, offset, rows, channels, scale, scratch, out);
            return;
        }
        float[] lanes = new float[WIDTH];
        for (int row = offset; row < offset + rows * channels; row += channels) {
            float max = max(x, row, channels, scale);
            float sum = exponentials(x, row, channels, scale, -max, scratch, lanes);
            multiply(scratch, 0, channels, 1 / sum, out, row);
        }
    }

    @Override
    public void logSoftmax(float[] x, int offset, int rows, int channels, float scale, float[] scratch, float[] out) {
        if (channels < WIDTH) {
            narrow.logSoftmax(x, offset, rows, channels, scale, scratch, out);
            return;
        }
        float[] lanes = new float[WIDTH];
        for (int row = offset; row < offset + rows * channels; row += channels) {
            float max = max(x, row, channels, scale);
            float log = ScalarMath.log(exponentials(x, row, channels, scale, -max, scratch, lanes));
            logSoftmaxRow(x, row, channels, scale, -max, log, out);
        }
    }

    private static void logSoftmaxRow(
            float[] x, int row, int channels, float scale, float shift, float log, float[] out) {
        int end = channels - WIDTH;
        FloatVector last = FloatVector.fromArray(SPECIES, x, row + end)
                .fma(FloatVector.broadcast(SPECIES, scale), FloatVector.broadcast(SPECIES, shift))
                .sub(log);
        for (int c = 0; c < end; c += WIDTH) {
            FloatVector.fromArray(SPECIES, x, row + c)
                    .fma(FloatVector.broadcast(SPECIES, scale), FloatVector.broadcast(SPECIES, shift))
                    .sub(log)
                    .intoArray(out, row + c);
        }
        last.intoArray(out, row + end);
    }

    /** Returns the largest {@code scale x} of a row; NaN comes out as larger or as smaller than all else. */
    private static float max(float[] x, int row, int channels, float scale) {
        int end = channels - WIDTH;
        IntVector max =
                VectorMath.ordered(FloatVector.fromArray(SPECIES, x, row + end).mul(scale));
        for (int c = 0; c < end; c += WIDTH) {
            max = VectorMath.ordered(FloatVector.fromArray(SPECIES, x, row + c).mul(scale))
                    .max(max);
        }
        return ScalarMath.unordered(max.reduceLanes(VectorOperators.MAX));
    }

    /**
     * Computes {@code out[c] = exp(scale x[c] + shift)} for a row; returns the sum. One place for the exponential, not
     * two: past a number of nodes the compiler stops inlining, and a vector that is passed to a call is slow.
     */
    private static float exponentials(
            float[] x, int row, int channels, float scale, float shift, float[] out, float[] lanes) {
        FloatVector sum = FloatVector.broadcast(SPECIES, 0);
        for (int c = 0; c < channels; c += WIDTH) {
            int at = Math.min(c, channels - WIDTH);
            FloatVector e = VectorMath.exp(FloatVector.fromArray(SPECIES, x, row + at)
                    .fma(FloatVector.broadcast(SPECIES, scale), FloatVector.broadcast(SPECIES, shift)));
            e.intoArray(out, at);
            sum = e.fma(FloatVector.fromArray(SPECIES, STEP, Math.min(channels - c, WIDTH)), sum);
        }
        sum.intoArray(lanes, 0);
        return VectorMath.sum(lanes);
    }

    @Override
    public void argmax(float[] x, int firstRow, int rows, int channels, int[] out) {
        if (channels < WIDTH) {
            narrow.argmax(x, firstRow, rows, channels, out);
            return;
        }
        for (int row = firstRow; row < firstRow + rows; row++) {
            float max = max(x, row * channels, channels, 1);
            if (Float.isNaN(max)) {
                narrow.argmax(x, row, 1, channels, out);
            } else {
                out[row] = find(x, row * channels, channels, max);
            }
        }
    }

    /** Returns the first channel that holds {@code value}. */
    private static int find(float[] x, int row, int channels, float value) {
        int at = 0;
        VectorMask<Float> found = FloatVector.fromArray(SPECIES, x, row).compare(VectorOperators.EQ, value);
        for (int c = WIDTH; c < channels && !found.anyTrue(); c += WIDTH) {
            at = Math.min(c, channels - WIDTH);
            found = FloatVector.fromArray(SPECIES, x, row + at).compare(VectorOperators.EQ, value);
        }
        return at + found.firstTrue();
    }

    @Override
    public void mix2(
            float[] x,
            int xOffset,
            int[] sources,
            float[] weights,
            int first,
            int pixels,
            int channels,
            float[] out,
            int outOffset) {
        if (channels < WIDTH) {
            narrow.mix2(x, xOffset, sources, weights, first, pixels, channels, out, outOffset);
            return;
        }
        int end = channels - WIDTH;
        for (int p = 0; p < pixels; p++) {
            int tap = 2 * (first + p);
            int a = xOffset + sources[tap] * channels;
            int b = xOffset + sources[tap + 1] * channels;
            FloatVector wa = FloatVector.broadcast(SPECIES, weights[tap]);
            FloatVector wb = FloatVector.broadcast(SPECIES, weights[tap + 1]);
            int to = outOffset + p * channels;
            for (int c = 0; c < end; c += WIDTH) {
                FloatVector.fromArray(SPECIES, x, a + c)
                        .fma(wa, FloatVector.fromArray(SPECIES, x, b + c).mul(wb))
                        .intoArray(out, to + c);
            }
            FloatVector.fromArray(SPECIES, x, a + end)
                    .fma(wa, FloatVector.fromArray(SPECIES, x, b + end).mul(wb))
                    .intoArray(out, to + end);
        }
    }

    @Override
    public void mix4(
            float[] x,
            int xOffset,
            int[] sources,
            float[] weights,
            int first,
            int pixels,
            int channels,
            float[] out,
            int outOffset) {
        if (channels < WIDTH) {
            narrow.mix4(x, xOffset, sources, weights, first, pixels, channels, out, outOffset);
            return;
        }
        int end = channels - WIDTH;
        for (int p = 0; p < pixels; p++) {
            int tap = 4 * (first + p);
            int a = xOffset + sources[tap] * channels;
            int b = xOffset + sources[tap + 1] * channels;
            int c = xOffset + sources[tap + 2] * channels;
            int d = xOffset + sources[tap + 3] * channels;
            FloatVector wa = FloatVector.broadcast(SPECIES, weights[tap]);
            FloatVector wb = FloatVector.broadcast(SPECIES, weights[tap + 1]);
            FloatVector wc = FloatVector.broadcast(SPECIES, weights[tap + 2]);
            FloatVector wd = FloatVector.broadcast(SPECIES, weights[tap + 3]);
            int to = outOffset + p * channels;
            for (int i = 0; i < channels; i += WIDTH) {
                int at = Math.min(i, end);
                FloatVector sum = FloatVector.fromArray(SPECIES, x, a + at).mul(wa);
                sum = FloatVector.fromArray(SPECIES, x, b + at).fma(wb, sum);
                sum = FloatVector.fromArray(SPECIES, x, c + at).fma(wc, sum);
                FloatVector.fromArray(SPECIES, x, d + at).fma(wd, sum).intoArray(out, to + at);
            }
        }
    }

    @Override
    public void mirrorMean(float[] x, int offset, int mirrored, int width, int channels, float[] out, int outOffset) {
        if (channels < WIDTH) {
            narrow.mirrorMean(x, offset, mirrored, width, channels, out, outOffset);
            return;
        }
        for (int p = 0; p < width; p++) {
            int a = offset + p * channels;
            int b = mirrored + (width - 1 - p) * channels;
            int to = outOffset + p * channels;
            for (int c = 0; c < channels; c += WIDTH) {
                int at = Math.min(c, channels - WIDTH);
                FloatVector.fromArray(SPECIES, x, a + at)
                        .add(FloatVector.fromArray(SPECIES, x, b + at))
                        .mul(0.5f)
                        .intoArray(out, to + at);
            }
        }
    }

    @Override
    public void add(float[] x, int offset, int count, float[] sum, int sumOffset) {
        int i = 0;
        for (; i <= count - WIDTH; i += WIDTH) {
            FloatVector.fromArray(SPECIES, sum, sumOffset + i)
                    .add(FloatVector.fromArray(SPECIES, x, offset + i))
                    .intoArray(sum, sumOffset + i);
        }
        narrow.add(x, offset + i, count - i, sum, sumOffset + i);
    }
}
