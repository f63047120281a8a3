package org.stegokernels.verify;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;

/**
 * The specification of {@link org.stegokernels.device.TrainingKernels}, as the plainest loops in double precision:
 * losses as functions of their input, gradients as their central differences. Layouts are those of the kernels.
 */
public final class TrainingOracle {
    /** The step of a central difference: its error is about the square of this, and rounding over it. */
    public static final double STEP = 1e-6;

    private TrainingOracle() {}

    /** Computes the gradient of a function at {@code x}, by central differences. */
    public static double[] gradient(ToDoubleFunction<double[]> function, double[] x) {
        double[] at = x.clone();
        double[] gradient = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            at[i] = x[i] + STEP;
            double above = function.applyAsDouble(at);
            at[i] = x[i] - STEP;
            double below = function.applyAsDouble(at);
            at[i] = x[i];
            gradient[i] = (above - below) / (2 * STEP);
        }
        return gradient;
    }

    /**
     * Computes {@code sum_i a[i] b[i]}: makes a loss of an operation's output, b being the gradient that comes back.
     */
    public static double dot(double[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double dot(double[] a, int aOffset, double[] b, int bOffset, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += a[aOffset + i] * b[bOffset + i];
        }
        return sum;
    }

    /**
     * Computes {@code a^T b}: {@code [rows, m]} and {@code [rows, n]} to {@code [m, n]}, the gradient of a linear
     * layer's weights.
     */
    public static double[] transposedProduct(float[] a, float[] b, int rows, int m, int n) {
        double[] out = new double[m * n];
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    out[i * n + j] += (double) a[row * m + i] * b[row * n + j];
                }
            }
        }
        return out;
    }

    /**
     * Computes {@code a b}: {@code [rows, m]} and {@code [m, n]} to {@code [rows, n]}, the gradient of a linear layer's
     * input.
     */
    public static double[] product(float[] a, float[] b, int rows, int m, int n) {
        double[] out = new double[rows * n];
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    out[row * n + j] += (double) a[row * m + i] * b[i * n + j];
                }
            }
        }
        return out;
    }

    /** Computes {@code out = x / max(|x|, epsilon)} for each row. */
    public static double[] normalize(double[] x, int channels, double epsilon) {
        double[] out = new double[x.length];
        for (int row = 0; row < x.length; row += channels) {
            double length = Math.max(Math.sqrt(dot(x, row, x, row, channels)), epsilon);
            for (int c = 0; c < channels; c++) {
                out[row + c] = x[row + c] / length;
            }
        }
        return out;
    }

    /** Computes {@code out[c] = exp(scale x[c]) / sum_d exp(scale x[d])} for each row. */
    public static double[] softmax(double[] x, int channels, double scale) {
        double[] out = new double[x.length];
        for (int row = 0; row < x.length; row += channels) {
            double max = scale * x[row];
            for (int c = 1; c < channels; c++) {
                max = Math.max(max, scale * x[row + c]);
            }
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                out[row + c] = Math.exp(scale * x[row + c] - max);
                sum += out[row + c];
            }
            for (int c = 0; c < channels; c++) {
                out[row + c] /= sum;
            }
        }
        return out;
    }

    /**
     * Computes a bilinear resize, align_corners false.
     *
     * @param x {@code [batch, height, width, channels]}
     * @return {@code [batch, outHeight, outWidth, channels]}
     */
    public static double[] bilinear(
            double[] x, int batch, int height, int width, int channels, int outHeight, int outWidth) {
        double[] out = new double[batch * outHeight * outWidth * channels];
        for (int at = 0; at < batch * outHeight * outWidth; at++) {
            double sy = Math.max(0, (at / outWidth % outHeight + 0.5) * height / outHeight - 0.5);
            double sx = Math.max(0, (at % outWidth + 0.5) * width / outWidth - 0.5);
            between(x, at / (outHeight * outWidth), height, width, channels, sy, sx, out, at * channels);
        }
        return out;
    }

    /**
     * Samples at points, align_corners true, points outside moved to the border.
     *
     * @param x {@code [images, height, width, channels]}
     * @param chosen {@code [samples]}: image of each sample
     * @param coords {@code [samples, points, 2]}
     * @return {@code [samples, points, channels]}
     */
    public static double[] gridSample(double[] x, int height, int width, int channels, int[] chosen, float[] coords) {
        int points = coords.length / 2 / chosen.length;
        double[] out = new double[chosen.length * points * channels];
        for (int point = 0; point < chosen.length * points; point++) {
            double sx = Math.max(0, Math.min(width - 1, (coords[2 * point] + 1.0) / 2 * (width - 1)));
            double sy = Math.max(0, Math.min(height - 1, (coords[2 * point + 1] + 1.0) / 2 * (height - 1)));
            between(x, chosen[point / points], height, width, channels, sy, sx, out, point * channels);
        }
        return out;
    }

    /** Handles one pixel at a position between four. */
    private static void between(
            double[] x, int image, int height, int width, int channels, double y0, double x0, double[] out, int to) {
        int top = (int) y0;
        int left = (int) x0;
        for (int dy = 0; dy < 2; dy++) {
            for (int dx = 0; dx < 2; dx++) {
                double weight = (dy == 0 ? 1 - (y0 - top) : y0 - top) * (dx == 0 ? 1 - (x0 - left) : x0 - left);
                int row = Math.min(top + dy, height - 1);
                int column = Math.min(left + dx, width - 1);
                int from = ((image * height + row) * width + column) * channels;
                for (int c = 0; c < channels; c++) {
                    out[to + c] += weight * x[from + c];
                }
            }
        }
    }

    /**
     * Computes a term of the correspondence loss.
     *
     * @param f1 {@code [images, points, features]}, as {@code f2}
     * @param c1 {@code [images, points, channels]}, as {@code c2}
     */
    public static double correspondence(
            double[] f1, double[] f2, double[] c1, double[] c2, int images, int points, CorrespondenceRule rule) {
        int features = f1.length / (images * points);
        int channels = c1.length / (images * points);
        double[] fd = new double[images * points * points];
        double mean = 0;
        for (int i = 0; i < fd.length; i++) {
            int row = i / points;
            int column = i / (points * points) * points + i % points;
            fd[i] = dot(f1, row * features, f2, column * features, features);
            mean += fd[i] / fd.length;
        }
        for (int row = 0; rule.pointwise() && row < images * points; row++) {
            double rowMean = 0;
            for (int q = 0; q < points; q++) {
                rowMean += fd[row * points + q] / points;
            }
            for (int q = 0; q < points; q++) {
                fd[row * points + q] += mean - rowMean;
            }
        }
        double loss = 0;
        for (int i = 0; i < fd.length; i++) {
            int row = i / points;
            int column = i / (points * points) * points + i % points;
            double cd = dot(c1, row * channels, c2, column * channels, channels);
            double clamped = Math.max(rule.lowest(), Math.min(rule.highest(), cd));
            loss -= clamped * (fd[i] - rule.shift()) / fd.length;
        }
        return loss;
    }

    /**
     * Computes the mean cross-entropy of resized logits over the labels in 0..classes-1.
     *
     * @param logits {@code [batch, height, width, classes]}
     * @param labels {@code [batch, outHeight, outWidth]}
     */
    public static double crossEntropy(
            double[] logits, int[] labels, int batch, int height, int width, int classes, int outHeight, int outWidth) {
        float[] ones = new float[classes];
        Arrays.fill(ones, 1);
        return crossEntropy(logits, labels, ones, batch, height, width, outHeight, outWidth);
    }

    /**
     * As above, each label's loss times the weight of its class.
     *
     * @param classWeights {@code [classes]}
     */
    public static double crossEntropy(
            double[] logits,
            int[] labels,
            float[] classWeights,
            int batch,
            int height,
            int width,
            int outHeight,
            int outWidth) {
        int classes = classWeights.length;
        double[] resized = bilinear(logits, batch, height, width, classes, outHeight, outWidth);
        double loss = 0;
        int valid = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] >= 0 && labels[i] < classes) {
                double max = Arrays.stream(resized, i * classes, (i + 1) * classes)
                        .max()
                        .orElseThrow();
                double sum = 0;
                for (int c = 0; c < classes; c++) {
                    sum += Math.exp(resized[i * classes + c] - max);
                }
                loss += classWeights[labels[i]] * (Math.log(sum) + max - resized[i * classes + labels[i]]);
                valid++;
            }
        }
        return valid == 0 ? 0 : loss / valid;
    }

    /** Computes {@code -mean sum_k p[k] c[k]} with p hard (alpha 0) or soft. */
    public static double assignmentLoss(double[] cosines, int clusters, double alpha) {
        double loss = 0;
        for (int row = 0; row < cosines.length; row += clusters) {
            double largest = Double.NEGATIVE_INFINITY;
            double sum = 0;
            double mean = 0;
            for (int k = row; k < row + clusters; k++) {
                largest = Math.max(largest, cosines[k]);
                sum += Math.exp(alpha * cosines[k]);
                mean += Math.exp(alpha * cosines[k]) * cosines[k];
            }
            loss -= alpha == 0 ? largest : mean / sum;
        }
        return loss / (cosines.length / clusters);
    }

    /** Computes {@code -mean a . b} over rows. */
    public static double agreementLoss(double[] a, double[] b, int channels) {
        return -dot(a, 0, b, 0, a.length) / (a.length / channels);
    }

    /**
     * Computes the CRF loss.
     *
     * @param guidance {@code [batch, height, width, colours]}
     * @param code {@code [batch, height, width, channels]}
     * @param points {@code [2, n]}
     */
    public static double crfLoss(
            double[] guidance, double[] code, int batch, int height, int width, int[] points, GuidanceSettings s) {
        int n = points.length / 2;
        int colours = guidance.length / (batch * height * width);
        int channels = code.length / (batch * height * width);
        double loss = 0;
        for (int i = 0; i < batch * n * n; i++) {
            int a = i / n % n;
            int b = i % n;
            int first = i / (n * n) * height * width;
            int pixelA = first + points[a] * width + points[n + a];
            int pixelB = first + points[b] * width + points[n + b];
            double distance = Math.pow(points[a] - points[b], 2) + Math.pow(points[n + a] - points[n + b], 2);
            double colour = 0;
            for (int g = 0; g < colours; g++) {
                colour += Math.pow(guidance[pixelA * colours + g] - guidance[pixelB * colours + g], 2);
            }
            double affinity = s.w1() * Math.exp(-distance / (2 * s.alpha()) - colour / (2 * s.beta()))
                    + s.w2() * Math.exp(-distance / (2 * s.gamma()))
                    - s.shift();
            loss -= affinity * dot(code, pixelA * channels, code, pixelB * channels, channels);
        }
        return loss / ((double) batch * n * n);
    }

    /** Takes one step of Adam, in place. */
    public static void adam(
            double[] parameter, float[] gradient, double[] mean, double[] square, AdamSettings settings, int step) {
        for (int i = 0; i < parameter.length; i++) {
            mean[i] = settings.beta1() * mean[i] + (1 - settings.beta1()) * gradient[i];
            square[i] = settings.beta2() * square[i] + (1 - settings.beta2()) * gradient[i] * gradient[i];
            double m = mean[i] / (1 - Math.pow(settings.beta1(), step));
            double v = square[i] / (1 - Math.pow(settings.beta2(), step));
            parameter[i] -= settings.learningRate() * m / (Math.sqrt(v) + settings.epsilon());
        }
    }

    /** Computes the dot products of all queries with all keys: {@code [queries, keys]}. */
    public static double[] products(float[] queries, float[] keys, int channels) {
        int count = keys.length / channels;
        double[] q = Comparison.widened(queries);
        double[] k = Comparison.widened(keys);
        double[] products = new double[queries.length / channels * count];
        for (int i = 0; i < products.length; i++) {
            products[i] = dot(q, i / count * channels, k, i % count * channels, channels);
        }
        return products;
    }

    /** Computes the squared distances of all points from all centres: {@code [points, centers]}. */
    public static double[] squaredDistances(float[] points, float[] centers, int channels) {
        int count = centers.length / channels;
        double[] distances = new double[points.length / channels * count];
        for (int i = 0; i < distances.length; i++) {
            for (int c = 0; c < channels; c++) {
                distances[i] +=
                        Math.pow((double) points[i / count * channels + c] - centers[i % count * channels + c], 2);
            }
        }
        return distances;
    }
}
