package org.stegokernels.device.cpu;

import org.stegokernels.device.TrainingKernels.AdamRates;

/** {@link TrainingLanes} in plain Java. */
final class ScalarTraining implements TrainingLanes {
    @Override
    public void addScaled(float[] x, int offset, int count, float factor, float[] sum, int sumOffset) {
        for (int i = 0; i < count; i++) {
            sum[sumOffset + i] += factor * x[offset + i];
        }
    }

    @Override
    public void multiply(float[] x, int offset, float[] y, int yOffset, int count, float[] out, int outOffset) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = x[offset + i] * y[yOffset + i];
        }
    }

    @Override
    public double dot(float[] x, int offset, float[] y, int yOffset, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) x[offset + i] * y[yOffset + i];
        }
        return sum;
    }

    @Override
    public double sum(float[] x, int offset, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += x[offset + i];
        }
        return sum;
    }

    @Override
    public void subtract(float[] x, int offset, int count, float value) {
        for (int i = offset; i < offset + count; i++) {
            x[i] -= value;
        }
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
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = wa * x[a + i] + wb * x[b + i] + wc * x[c + i] + wd * x[d + i];
        }
    }

    @Override
    public void positivePart(float[] y, float[] x, int from, int to, float[] out) {
        for (int i = from; i < to; i++) {
            out[i] = y[i] > 0 ? x[i] : 0;
        }
    }

    @Override
    public void combine(
            float[] x, int offset, float a, float[] y, int yOffset, float b, int count, float[] out, int outOffset) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = a * x[offset + i] + b * y[yOffset + i];
        }
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
        double sum = 0;
        for (int i = 0; i < count; i++) {
            float code = codes[codeOffset + i];
            float judgement = features[offset + i] - base;
            sum += Math.max(lowest, Math.min(highest, code)) * judgement;
            codes[codeOffset + i] = code >= lowest && code <= highest ? factor * judgement : 0;
        }
        return sum;
    }

    @Override
    public void exponentiateColumns(float[] x, int rows, int width, int stats) {
        for (int i = 0; i < width; i++) {
            float max = Float.NEGATIVE_INFINITY;
            for (int at = i; at < rows * width; at += width) {
                max = Math.max(max, x[at]);
            }
            float sum = 0;
            for (int at = i; at < rows * width; at += width) {
                x[at] = ScalarMath.exp(x[at] - max);
                sum += x[at];
            }
            x[stats + i] = max;
            x[stats + width + i] = sum;
            x[stats + 2 * width + i] = 1 / sum;
        }
    }

    @Override
    public void addColumns(float[] x, int rows, int width, int factors, float weight, int sum) {
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < width; i++) {
                int at = row * width + i;
                x[sum + at] = Math.fma(weight * x[factors + i], x[at], x[sum + at]);
            }
        }
    }

    @Override
    public void adam(
            float[] parameter, float[] gradient, float[] mean, float[] square, int from, int to, AdamRates rates) {
        for (int i = from; i < to; i++) {
            float g = gradient[i];
            mean[i] = rates.keepMean() * mean[i] + rates.newMean() * g;
            square[i] = rates.keepSquare() * square[i] + rates.newSquare() * g * g;
            float spread = (float) Math.sqrt(square[i]) * rates.spread() + rates.epsilon();
            parameter[i] -= rates.step() * (mean[i] / spread);
        }
    }

    @Override
    public int firstAbove(float[] x, int from, int to, float threshold) {
        for (int i = from; i < to; i++) {
            if (x[i] > threshold) {
                return i;
            }
        }
        return to;
    }

    @Override
    public int firstAbove(float[] x, int offset, int from, int to, float[] thresholds) {
        for (int i = from; i < to; i++) {
            if (x[offset + i] > thresholds[i]) {
                return i;
            }
        }
        return to;
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
        for (int i = from; i < to; i++) {
            float distance = square(planes, offset, point, i) + square(planes, offset + stride, point, i);
            float colour = 0;
            for (int plane = 2; plane < 2 + colours; plane++) {
                colour += square(planes, offset + plane * stride, point, i);
            }
            float alike = ScalarMath.exp(-distance * factors.nearby() - colour * factors.alike());
            float near = ScalarMath.exp(-distance * factors.beside());
            out[outOffset + i] = factors.w1() * alike + factors.w2() * near - factors.shift();
        }
    }

    private static float square(float[] plane, int offset, int point, int other) {
        float difference = plane[offset + point] - plane[offset + other];
        return difference * difference;
    }
}
