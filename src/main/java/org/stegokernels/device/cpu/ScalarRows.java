package org.stegokernels.device.cpu;

/** Plain Java. Sums of a row are taken in double: that costs nothing here and keeps wide rows exact. */
final class ScalarRows implements RowLanes {
    @Override
    public void layerNorm(
            float[] x, int offset, int rows, int channels, float[] gamma, float[] beta, float epsilon, float[] out) {
        for (int row = offset; row < offset + rows * channels; row += channels) {
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                sum += x[row + c];
            }
            double mean = sum / channels;
            double squares = 0;
            for (int c = 0; c < channels; c++) {
                double deviation = x[row + c] - mean;
                squares += deviation * deviation;
            }
            double factor = 1 / Math.sqrt(squares / channels + epsilon);
            for (int c = 0; c < channels; c++) {
                out[row + c] = Math.fma((float) ((x[row + c] - mean) * factor), gamma[c], beta[c]);
            }
        }
    }

    @Override
    public void gelu(float[] x, int from, int to, float[] out) {
        for (int i = from; i < to; i++) {
            out[i] = ScalarMath.gelu(x[i]);
        }
    }

    @Override
    public void swiGlu(float[] x, int offset, int channels, float[] out, int outOffset) {
        swiGlu(x, offset, channels, 0, out, outOffset);
    }

    /** @param from the first channel that is wanted */
    void swiGlu(float[] x, int offset, int channels, int from, float[] out, int outOffset) {
        for (int c = from; c < channels; c++) {
            float a = x[offset + c];
            out[outOffset + c] = a / (1 + ScalarMath.exp(-a)) * x[offset + channels + c];
        }
    }

    @Override
    public void rope(float[] cos, float[] sin, int angles, int half, float[] x, int offset, int heads) {
        for (int head = 0; head < heads; head++) {
            turn(cos, sin, angles, half, x, offset + head * 2 * half, 0);
        }
    }

    /** Turns the points of one head, whose first channel is {@code offset}, from {@code from} on. */
    void turn(float[] cos, float[] sin, int angles, int half, float[] x, int offset, int from) {
        for (int c = from; c < half; c++) {
            float first = x[offset + c];
            float second = x[offset + half + c];
            x[offset + c] = Math.fma(first, cos[angles + c], -(second * sin[angles + c]));
            x[offset + half + c] = Math.fma(second, cos[angles + c], first * sin[angles + c]);
        }
    }

    @Override
    public void normalize(float[] x, int offset, int rows, int channels, float epsilon, float[] out) {
        for (int row = offset; row < offset + rows * channels; row += channels) {
            double squares = 0;
            for (int c = 0; c < channels; c++) {
                squares += (double) x[row + c] * x[row + c];
            }
            float factor = (float) (1 / Math.max(Math.sqrt(squares), epsilon));
            for (int c = 0; c < channels; c++) {
                out[row + c] = x[row + c] * factor;
            }
        }
    }

    @Override
    public void softmax(float[] x, int offset, int rows, int channels, float scale, float[] scratch, float[] out) {
        for (int row = offset; row < offset + rows * channels; row += channels) {
            float max = max(x, row, channels, scale);
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                float e = ScalarMath.exp(Math.fma(x[row + c], scale, -max));
                out[row + c] = e;
                sum += e;
            }
            float factor = (float) (1 / sum);
            for (int c = 0; c < channels; c++) {
                out[row + c] *= factor;
            }
        }
    }

    @Override
    public void logSoftmax(float[] x, int offset, int rows, int channels, float scale, float[] scratch, float[] out) {
        for (int row = offset; row < offset + rows * channels; row += channels) {
            float max = max(x, row, channels, scale);
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                sum += ScalarMath.exp(Math.fma(x[row + c], scale, -max));
            }
            float log = ScalarMath.log((float) sum);
            for (int c = 0; c < channels; c++) {
                out[row + c] = Math.fma(x[row + c], scale, -max) - log;
            }
        }
    }

    private static float max(float[] x, int row, int channels, float scale) {
        float max = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < channels; c++) {
            max = Math.max(max, x[row + c] * scale);
        }
        return max;
    }

    @Override
    public void argmax(float[] x, int firstRow, int rows, int channels, int[] out) {
        for (int row = firstRow; row < firstRow + rows; row++) {
            int best = 0;
            float max = Float.NEGATIVE_INFINITY;
            for (int c = 0; c < channels; c++) {
                if (x[row * channels + c] > max) {
                    max = x[row * channels + c];
                    best = c;
                }
            }
            out[row] = best;
        }
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
        for (int p = 0; p < pixels; p++) {
            int tap = 2 * (first + p);
            int a = xOffset + sources[tap] * channels;
            int b = xOffset + sources[tap + 1] * channels;
            int to = outOffset + p * channels;
            for (int c = 0; c < channels; c++) {
                out[to + c] = Math.fma(x[a + c], weights[tap], x[b + c] * weights[tap + 1]);
            }
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
        for (int p = 0; p < pixels; p++) {
            int tap = 4 * (first + p);
            int a = xOffset + sources[tap] * channels;
            int b = xOffset + sources[tap + 1] * channels;
            int c = xOffset + sources[tap + 2] * channels;
            int d = xOffset + sources[tap + 3] * channels;
            int to = outOffset + p * channels;
            for (int i = 0; i < channels; i++) {
                float sum = x[a + i] * weights[tap];
                sum = Math.fma(x[b + i], weights[tap + 1], sum);
                sum = Math.fma(x[c + i], weights[tap + 2], sum);
                out[to + i] = Math.fma(x[d + i], weights[tap + 3], sum);
            }
        }
    }

    @Override
    public void mirrorMean(float[] x, int offset, int mirrored, int width, int channels, float[] out, int outOffset) {
        for (int p = 0; p < width; p++) {
            int a = offset + p * channels;
            int b = mirrored + (width - 1 - p) * channels;
            int to = outOffset + p * channels;
            for (int c = 0; c < channels; c++) {
                out[to + c] = (x[a + c] + x[b + c]) * 0.5f;
            }
        }
    }

    @Override
    public void add(float[] x, int offset, int count, float[] sum, int sumOffset) {
        for (int i = 0; i < count; i++) {
            sum[sumOffset + i] += x[offset + i];
        }
    }
}
