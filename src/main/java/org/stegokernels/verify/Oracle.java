package org.stegokernels.verify;

import java.util.Arrays;
import org.stegokernels.device.Kernels.Activation;

/**
 * The specification: each operation of {@link org.stegokernels.device.Kernels} as the plainest loop that computes it,
 * in double precision on host arrays, in the same channels-last layouts. Slow on purpose. Inputs are never changed;
 * "rows" are all dimensions but the last.
 */
public final class Oracle {
    /** The cubic convolution parameter of PyTorch's bicubic resize. */
    private static final double CUBIC_A = -0.75;

    private Oracle() {}

    /**
     * Computes {@code out[r, n] = activation(sum_k x[r, k] weight[n, k] + bias[n] + residual[r, n])}.
     *
     * @param x {@code [rows, inputs]}
     * @param weight {@code [outputs, inputs]}
     * @param bias {@code [outputs]}, or null for zeros
     * @param residual {@code [rows, outputs]}, or null for zeros
     * @return {@code [rows, outputs]}
     */
    public static double[] linear(
            float[] x, float[] weight, float[] bias, Activation activation, float[] residual, int inputs, int outputs) {
        int rows = x.length / inputs;
        double[] out = new double[rows * outputs];
        for (int r = 0; r < rows; r++) {
            for (int n = 0; n < outputs; n++) {
                double sum = bias == null ? 0 : bias[n];
                for (int k = 0; k < inputs; k++) {
                    sum += (double) x[r * inputs + k] * weight[n * inputs + k];
                }
                int i = r * outputs + n;
                out[i] = activate(activation, sum + (residual == null ? 0 : residual[i]));
            }
        }
        return out;
    }

    private static double activate(Activation activation, double x) {
        return switch (activation) {
            case NONE -> x;
            case GELU -> gelu(x);
            case RELU -> Math.max(0, x);
        };
    }

    /**
     * Computes {@code out[b, r] = prefix[r]} for the R prefix tokens, then for patch p in row-major order {@code
     * out[b, R + p, n]
     * = sum_{c, y, x} image[b, c, patch row * patch + y, patch column * patch + x] weight[n, c, y, x] + bias[n] +
     * positions[p, n]}.
     *
     * @param image {@code [batch, channels, height, width]}
     * @param weight {@code [outputs, channels, patch, patch]}
     * @param bias {@code [outputs]}, or null for zeros
     * @param prefix {@code [R, outputs]}
     * @param positions {@code [P, outputs]}, {@code P = (height / patch) (width / patch)}
     * @return {@code [batch, R + P, outputs]}
     */
    public static double[] patchEmbed(
            float[] image,
            int batch,
            int channels,
            int height,
            int width,
            float[] weight,
            float[] bias,
            int patch,
            float[] prefix,
            float[] positions,
            int outputs) {
        int rows = height / patch;
        int columns = width / patch;
        int prefixes = prefix.length / outputs;
        int tokens = prefixes + rows * columns;
        double[] out = new double[batch * tokens * outputs];
        for (int b = 0; b < batch; b++) {
            for (int i = 0; i < prefix.length; i++) {
                out[b * tokens * outputs + i] = prefix[i];
            }
            for (int p = 0; p < rows * columns; p++) {
                for (int n = 0; n < outputs; n++) {
                    double sum = (bias == null ? 0 : bias[n]) + (double) positions[p * outputs + n];
                    for (int c = 0; c < channels; c++) {
                        for (int y = 0; y < patch; y++) {
                            for (int x = 0; x < patch; x++) {
                                int imageY = p / columns * patch + y;
                                int imageX = p % columns * patch + x;
                                sum += (double) image[((b * channels + c) * height + imageY) * width + imageX]
                                        * weight[((n * channels + c) * patch + y) * patch + x];
                            }
                        }
                    }
                    out[(b * tokens + prefixes + p) * outputs + n] = sum;
                }
            }
        }
        return out;
    }

    /**
     * Computes a bicubic resize by cubic convolution with a = -0.75 (Keys 1981), the 4 x 4 taps clamped to the border:
     * {@code
     * out[Y, X] = sum_{j, i = -1..2} k(j - fy) k(i - fx) x[floor sy + j, floor sx + i]}, {@code sy = (Y + 0.5) / scaleY
     * - 0.5} not clamped, {@code fy = sy - floor sy}, likewise for x.
     *
     * @param x {@code [batch, height, width, channels]}
     * @return {@code [batch, outHeight, outWidth, channels]}
     */
    public static double[] bicubic(
            float[] x,
            int batch,
            int height,
            int width,
            int channels,
            double scaleY,
            double scaleX,
            int outHeight,
            int outWidth) {
        double[] out = new double[batch * outHeight * outWidth * channels];
        for (int b = 0; b < batch; b++) {
            for (int outY = 0; outY < outHeight; outY++) {
                for (int outX = 0; outX < outWidth; outX++) {
                    double sy = (outY + 0.5) / scaleY - 0.5;
                    double sx = (outX + 0.5) / scaleX - 0.5;
                    int y0 = (int) Math.floor(sy);
                    int x0 = (int) Math.floor(sx);
                    for (int j = -1; j <= 2; j++) {
                        for (int i = -1; i <= 2; i++) {
                            double weight = cubic(j - (sy - y0)) * cubic(i - (sx - x0));
                            int from = (b * height + clamp(y0 + j, height)) * width + clamp(x0 + i, width);
                            int to = (b * outHeight + outY) * outWidth + outX;
                            for (int c = 0; c < channels; c++) {
                                out[to * channels + c] += weight * x[from * channels + c];
                            }
                        }
                    }
                }
            }
        }
        return out;
    }

    /** Returns the cubic convolution kernel k(t). */
    private static double cubic(double t) {
        double d = Math.abs(t);
        if (d <= 1) {
            return ((CUBIC_A + 2) * d - (CUBIC_A + 3)) * d * d + 1;
        }
        return d < 2 ? CUBIC_A * (((d - 5) * d + 8) * d - 4) : 0;
    }

    private static int clamp(int index, int size) {
        return Math.max(0, Math.min(size - 1, index));
    }

    /**
     * Computes a bilinear resize: {@code sy = max(0, (Y + 0.5) height / outHeight - 0.5)}, likewise for x; the four
     * neighbours of (sy, sx), clamped to the border, weighted by closeness.
     *
     * @param x {@code [batch, height, width, channels]}
     * @return {@code [batch, outHeight, outWidth, channels]}
     */
    public static double[] bilinear(
            float[] x, int batch, int height, int width, int channels, int outHeight, int outWidth) {
        double[] out = new double[batch * outHeight * outWidth * channels];
        for (int b = 0; b < batch; b++) {
            for (int outY = 0; outY < outHeight; outY++) {
                for (int outX = 0; outX < outWidth; outX++) {
                    double sy = Math.max(0, (outY + 0.5) * height / outHeight - 0.5);
                    double sx = Math.max(0, (outX + 0.5) * width / outWidth - 0.5);
                    for (int j = 0; j <= 1; j++) {
                        for (int i = 0; i <= 1; i++) {
                            int y = (int) sy + j;
                            int xx = (int) sx + i;
                            double weight = (1 - Math.abs(sy - y)) * (1 - Math.abs(sx - xx));
                            int from = (b * height + clamp(y, height)) * width + clamp(xx, width);
                            int to = (b * outHeight + outY) * outWidth + outX;
                            for (int c = 0; c < channels; c++) {
                                out[to * channels + c] += weight * x[from * channels + c];
                            }
                        }
                    }
                }
            }
        }
        return out;
    }

    /**
     * Computes {@code out = (x - mean) / sqrt(variance + epsilon) * gamma + beta} for each row, the variance being the
     * mean of the squared deviations.
     *
     * @param x {@code [..., C]}
     * @param gamma {@code [C]}
     * @param beta {@code [C]}
     */
    public static double[] layerNorm(float[] x, float[] gamma, float[] beta, double epsilon) {
        int channels = gamma.length;
        double[] out = new double[x.length];
        for (int row = 0; row < x.length; row += channels) {
            double mean = 0;
            for (int c = 0; c < channels; c++) {
                mean += x[row + c];
            }
            mean /= channels;
            double variance = 0;
            for (int c = 0; c < channels; c++) {
                variance += (x[row + c] - mean) * (x[row + c] - mean);
            }
            variance /= channels;
            for (int c = 0; c < channels; c++) {
                out[row + c] = (x[row + c] - mean) / Math.sqrt(variance + epsilon) * gamma[c] + beta[c];
            }
        }
        return out;
    }

    /** Computes {@code x / 2 (1 + erf(x / sqrt 2))}, element by element. */
    public static double[] gelu(float[] x) {
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = gelu(x[i]);
        }
        return out;
    }

    /** Computes {@code silu(x[c]) x[C + c]} of rows of 2 C channels. */
    public static double[] swiGlu(float[] x, int channels) {
        double[] out = new double[x.length / 2];
        for (int i = 0; i < out.length; i++) {
            int at = i / channels * 2 * channels + i % channels;
            double a = x[at];
            out[i] = a / (1 + Math.exp(-a)) * x[at + channels];
        }
        return out;
    }

    /**
     * Rotates the queries and keys of the last {@code patches} tokens: in each head the points (c, c + half) by the
     * angle of the token and c.
     *
     * @param qkv {@code [batch, tokens, 3, heads, 2 half]}
     * @param cos {@code [patches, half]}
     */
    public static double[] rope(
            float[] qkv, int batch, int tokens, int heads, float[] cos, float[] sin, int patches, int half) {
        double[] out = new double[qkv.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = qkv[i];
        }
        int width = 2 * half;
        for (int b = 0; b < batch; b++) {
            for (int p = 0; p < patches; p++) {
                int token = (b * tokens + tokens - patches + p) * 3 * heads * width;
                for (int head = 0; head < 2 * heads; head++) {
                    for (int c = 0; c < half; c++) {
                        int first = token + head * width + c;
                        int second = first + half;
                        int angle = p * half + c;
                        out[first] = (double) qkv[first] * cos[angle] - (double) qkv[second] * sin[angle];
                        out[second] = (double) qkv[second] * cos[angle] + (double) qkv[first] * sin[angle];
                    }
                }
            }
        }
        return out;
    }

    private static double gelu(double x) {
        return x / 2 * ErrorFunction.erfc(-x / Math.sqrt(2));
    }

    /**
     * Computes {@code out[b, t, h] = sum_u weights[b, h, t, u] v[b, u, h]} with the weights of {@link
     * #attentionWeights}.
     *
     * @param qkv {@code [batch, tokens, 3, heads, headDim]}
     * @return {@code [batch, tokens, heads, headDim]}
     */
    public static double[] attention(float[] qkv, int batch, int tokens, int heads, int headDim) {
        double[] weights = attentionWeights(qkv, batch, tokens, heads, headDim, tokens);
        int channels = heads * headDim;
        double[] out = new double[batch * tokens * channels];
        for (int b = 0; b < batch; b++) {
            for (int h = 0; h < heads; h++) {
                for (int t = 0; t < tokens; t++) {
                    for (int u = 0; u < tokens; u++) {
                        double weight = weights[((b * heads + h) * tokens + t) * tokens + u];
                        int value = (b * tokens + u) * 3 * channels + 2 * channels + h * headDim;
                        int to = (b * tokens + t) * channels + h * headDim;
                        for (int d = 0; d < headDim; d++) {
                            out[to + d] += weight * qkv[value + d];
                        }
                    }
                }
            }
        }
        return out;
    }

    /**
     * Computes {@code out[b, h, t] = softmax_u(q[b, t, h] . k[b, u, h] / sqrt(headDim))} for the first {@code queries}
     * tokens t.
     *
     * @param qkv {@code [batch, tokens, 3, heads, headDim]}
     * @return {@code [batch, heads, queries, tokens]}
     */
    public static double[] attentionWeights(float[] qkv, int batch, int tokens, int heads, int headDim, int queries) {
        int channels = heads * headDim;
        double[] scores = new double[batch * heads * queries * tokens];
        for (int b = 0; b < batch; b++) {
            for (int h = 0; h < heads; h++) {
                for (int t = 0; t < queries; t++) {
                    for (int u = 0; u < tokens; u++) {
                        int query = (b * tokens + t) * 3 * channels + h * headDim;
                        int key = (b * tokens + u) * 3 * channels + channels + h * headDim;
                        double dot = 0;
                        for (int d = 0; d < headDim; d++) {
                            dot += (double) qkv[query + d] * qkv[key + d];
                        }
                        scores[((b * heads + h) * queries + t) * tokens + u] = dot / Math.sqrt(headDim);
                    }
                }
            }
        }
        softmaxRows(scores, tokens);
        return scores;
    }

    /**
     * Computes {@code out[b, i, j] = x[b, firstRow + i, firstChannel + j]}.
     *
     * @param x {@code [batch, rows, channels]}
     * @return {@code [batch, outRows, outChannels]}
     */
    public static double[] slice(
            float[] x,
            int batch,
            int rows,
            int channels,
            int firstRow,
            int firstChannel,
            int outRows,
            int outChannels) {
        double[] out = new double[batch * outRows * outChannels];
        for (int b = 0; b < batch; b++) {
            for (int i = 0; i < outRows; i++) {
                for (int j = 0; j < outChannels; j++) {
                    out[(b * outRows + i) * outChannels + j] =
                            x[(b * rows + firstRow + i) * channels + firstChannel + j];
                }
            }
        }
        return out;
    }

    /** Computes {@code out = x / max(|x|, epsilon)} for each row of {@code channels}, |x| its Euclidean length. */
    public static double[] normalize(float[] x, int channels, double epsilon) {
        double[] out = new double[x.length];
        for (int row = 0; row < x.length; row += channels) {
            double squares = 0;
            for (int c = 0; c < channels; c++) {
                squares += (double) x[row + c] * x[row + c];
            }
            for (int c = 0; c < channels; c++) {
                out[row + c] = x[row + c] / Math.max(Math.sqrt(squares), epsilon);
            }
        }
        return out;
    }

    /** Computes {@code out[c] = exp(scale x[c]) / sum_d exp(scale x[d])} for each row of {@code channels}. */
    public static double[] softmax(float[] x, int channels, double scale) {
        double[] out = scaled(x, scale);
        softmaxRows(out, channels);
        return out;
    }

    /** Computes {@code out[c] = scale x[c] - log sum_d exp(scale x[d])} for each row of {@code channels}. */
    public static double[] logSoftmax(float[] x, int channels, double scale) {
        double[] out = scaled(x, scale);
        for (int row = 0; row < x.length; row += channels) {
            double max = Arrays.stream(out, row, row + channels).max().orElseThrow();
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                sum += Math.exp(out[row + c] - max);
            }
            for (int c = 0; c < channels; c++) {
                out[row + c] -= max + Math.log(sum);
            }
        }
        return out;
    }

    private static double[] scaled(float[] x, double scale) {
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = scale * x[i];
        }
        return out;
    }

    /**
     * Computes the softmax of each row in place, its largest value subtracted first so that no exponential overflows.
     */
    private static void softmaxRows(double[] x, int channels) {
        for (int row = 0; row < x.length; row += channels) {
            double max = Arrays.stream(x, row, row + channels).max().orElseThrow();
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                x[row + c] = Math.exp(x[row + c] - max);
                sum += x[row + c];
            }
            for (int c = 0; c < channels; c++) {
                x[row + c] /= sum;
            }
        }
    }

    /** Returns the index of the largest value of each row of {@code channels}, the first one on a tie. */
    public static int[] argmax(float[] x, int channels) {
        int[] out = new int[x.length / channels];
        for (int row = 0; row < out.length; row++) {
            for (int c = 1; c < channels; c++) {
                if (x[row * channels + c] > x[row * channels + out[row]]) {
                    out[row] = c;
                }
            }
        }
        return out;
    }

    /**
     * Computes {@code out[y, x] = (a[0, y, x] + a[1, y, width - 1 - x]) / 2}.
     *
     * @param a {@code [2, height, width, channels]}
     * @return {@code [height, width, channels]}
     */
    public static double[] mirrorMean(float[] a, int height, int width, int channels) {
        double[] out = new double[height * width * channels];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < channels; c++) {
                    double straight = a[(y * width + x) * channels + c];
                    double mirrored = a[((height + y) * width + width - 1 - x) * channels + c];
                    out[(y * width + x) * channels + c] = (straight + mirrored) / 2;
                }
            }
        }
        return out;
    }

    /**
     * Computes {@code out[k] = sums[k] + sum of the points whose label is k}.
     *
     * @param points {@code [N, channels]}
     * @param labels {@code [N]}
     * @param sums {@code [K, channels]}
     * @return {@code [K, channels]}
     */
    public static double[] clusterSums(float[] points, int[] labels, float[] sums, int channels) {
        double[] out = scaled(sums, 1);
        for (int n = 0; n < labels.length; n++) {
            for (int c = 0; c < channels; c++) {
                out[labels[n] * channels + c] += points[n * channels + c];
            }
        }
        return out;
    }

    /** Computes {@code out[k] = counts[k] + number of labels that are k}. */
    public static int[] clusterCounts(int[] labels, int[] counts) {
        int[] out = counts.clone();
        for (int label : labels) {
            out[label]++;
        }
        return out;
    }
}
