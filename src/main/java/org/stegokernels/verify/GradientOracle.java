package org.stegokernels.verify;

import java.util.stream.IntStream;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;

/**
 * Gradients written out, as plain loops in double precision, where central differences of {@link TrainingOracle} would take too
 * long: sizes of real use. A test holds the two against each other.
 */
final class GradientOracle {
    private GradientOracle() {}

    /** Returns {@code scale y (g - y . g)} row by row: the gradient of {@code y = softmax(scale x)}. */
    static double[] softmax(float[] y, double scale, float[] g, int channels) {
        double[] out = new double[y.length];
        for (int row = 0; row < y.length; row += channels) {
            double product = 0;
            for (int c = row; c < row + channels; c++) {
                product += (double) y[c] * g[c];
            }
            for (int c = row; c < row + channels; c++) {
                out[c] = scale * y[c] * (g[c] - product);
            }
        }
        return out;
    }

    /** Called with a pixel of an image and its share of a sample. */
    @FunctionalInterface
    private interface Tap {
        void at(int pixel, double weight);
    }

    /** Goes through the four pixels around a position. */
    private static void taps(int height, int width, double y, double x, Tap tap) {
        int top = (int) y;
        int left = (int) x;
        for (int dy = 0; dy < 2; dy++) {
            for (int dx = 0; dx < 2; dx++) {
                int row = Math.min(top + dy, height - 1);
                int column = Math.min(left + dx, width - 1);
                tap.at(row * width + column, Math.abs(1 - dy - (y - top)) * Math.abs(1 - dx - (x - left)));
            }
        }
    }

    /**
     * Computes the gradient of {@link TrainingOracle#bilinear}.
     *
     * @param g {@code [batch, outHeight, outWidth, channels]}
     * @return {@code [batch, height, width, channels]}
     */
    public static double[] bilinear(
            double[] g, int batch, int height, int width, int channels, int outHeight, int outWidth) {
        double[] out = new double[batch * height * width * channels];
        for (int at = 0; at < batch * outHeight * outWidth; at++) {
            double y = Math.max(0, (at / outWidth % outHeight + 0.5) * height / outHeight - 0.5);
            double x = Math.max(0, (at % outWidth + 0.5) * width / outWidth - 0.5);
            int image = at / (outHeight * outWidth) * height * width;
            int from = at * channels;
            taps(height, width, y, x, (pixel, weight) -> {
                for (int c = 0; c < channels; c++) {
                    out[(image + pixel) * channels + c] += weight * g[from + c];
                }
            });
        }
        return out;
    }

    /**
     * Computes the gradient of {@link TrainingOracle#gridSample}.
     *
     * @param g {@code [samples, points, channels]}
     * @param sum {@code [images, height, width, channels]}, what it is added to
     */
    public static double[] gridSample(
            float[] g, int height, int width, int channels, int[] chosen, float[] coords, float[] sum) {
        int points = coords.length / 2 / chosen.length;
        double[] out = Comparison.widened(sum);
        for (int point = 0; point < chosen.length * points; point++) {
            double x = Math.max(0, Math.min(width - 1, (coords[2 * point] + 1.0) / 2 * (width - 1)));
            double y = Math.max(0, Math.min(height - 1, (coords[2 * point + 1] + 1.0) / 2 * (height - 1)));
            int image = chosen[point / points] * height * width;
            int from = point * channels;
            taps(height, width, y, x, (pixel, weight) -> {
                for (int c = 0; c < channels; c++) {
                    out[(image + pixel) * channels + c] += weight * g[from + c];
                }
            });
        }
        return out;
    }

    /** Computes {@code (g - y (y . g)) / |x|} of each row, {@code y = x / |x|}; {@code g / epsilon} where |x| is smaller. */
    public static double[] normalize(float[] x, double epsilon, float[] g, int channels) {
        double[] out = new double[x.length];
        for (int row = 0; row < x.length; row += channels) {
            double squares = 0;
            double along = 0;
            for (int i = row; i < row + channels; i++) {
                squares += (double) x[i] * x[i];
                along += (double) x[i] * g[i];
            }
            double length = Math.sqrt(squares);
            for (int i = row; i < row + channels; i++) {
                out[i] = length < epsilon ? g[i] / epsilon : (g[i] - x[i] * along / squares) / length;
            }
        }
        return out;
    }

    /**
     * Computes the gradients of {@link TrainingOracle#correspondence}, of c1 and of c2; 1 at the bounds of the clamp themselves.
     *
     * @param f1 {@code [images, points, features]}, as {@code f2}
     * @param c1 {@code [images, points, channels]}, as {@code c2}
     */
    public static double[][] correspondence(
            float[] f1, float[] f2, float[] c1, float[] c2, int images, int points, CorrespondenceRule rule) {
        int channels = c1.length / (images * points);
        double[] fd = products(f1, f2, images, points);
        double[] cd = products(c1, c2, images, points);
        double mean =
                IntStream.range(0, fd.length).mapToDouble(i -> fd[i]).average().orElseThrow();
        double[][] gradients = new double[2][c1.length];
        for (int row = 0; row < images * points; row++) {
            double centre = 0;
            for (int q = 0; rule.pointwise() && q < points; q++) {
                centre += (fd[row * points + q] - mean) / points;
            }
            for (int q = 0; q < points; q++) {
                double c = cd[row * points + q];
                if (c >= rule.lowest() && c <= rule.highest()) {
                    double factor = -(fd[row * points + q] - centre - rule.shift()) / fd.length;
                    int one = row * channels;
                    int two = (row / points * points + q) * channels;
                    for (int d = 0; d < channels; d++) {
                        gradients[0][one + d] += factor * c2[two + d];
                        gradients[1][two + d] += factor * c1[one + d];
                    }
                }
            }
        }
        return gradients;
    }

    /** Returns the dot products of the points of each image, {@code [images, points, points]}. */
    private static double[] products(float[] a, float[] b, int images, int points) {
        int channels = a.length / (images * points);
        double[] products = new double[images * points * points];
        for (int i = 0; i < products.length; i++) {
            int one = i / points * channels;
            int two = (i / (points * points) * points + i % points) * channels;
            for (int c = 0; c < channels; c++) {
                products[i] += (double) a[one + c] * b[two + c];
            }
        }
        return products;
    }

    /**
     * Computes the gradient of {@link TrainingOracle#crossEntropy}.
     *
     * @param logits {@code [batch, height, width, classes]}
     * @param labels {@code [batch, outHeight, outWidth]}
     * @param classWeights {@code [classes]}
     */
    public static double[] crossEntropy(
            double[] logits,
            int[] labels,
            float[] classWeights,
            int batch,
            int height,
            int width,
            int outHeight,
            int outWidth) {
        int classes = classWeights.length;
        double[] g = TrainingOracle.bilinear(logits, batch, height, width, classes, outHeight, outWidth);
        g = LatticeOracle.softmax(g, classes);
        long valid = IntStream.of(labels)
                .filter(label -> label >= 0 && label < classes)
                .count();
        for (int i = 0; i < labels.length; i++) {
            double share = labels[i] >= 0 && labels[i] < classes ? (double) classWeights[labels[i]] / valid : 0;
            for (int c = 0; c < classes; c++) {
                g[i * classes + c] = share * (g[i * classes + c] - (c == labels[i] ? 1 : 0));
            }
        }
        return bilinear(g, batch, height, width, classes, outHeight, outWidth);
    }

    /** Computes the gradient of {@link TrainingOracle#assignmentLoss}. */
    public static double[] assignment(float[] cosines, int clusters, double alpha) {
        int rows = cosines.length / clusters;
        double[] scaled = new double[cosines.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = alpha * cosines[i];
        }
        double[] out = LatticeOracle.softmax(scaled, clusters);
        int[] largest = Oracle.argmax(cosines, clusters);
        for (int row = 0; row < rows; row++) {
            double mean = 0;
            for (int i = row * clusters; i < (row + 1) * clusters; i++) {
                mean += out[i] * cosines[i];
            }
            for (int i = row * clusters; i < (row + 1) * clusters; i++) {
                double hard = i == row * clusters + largest[row] ? 1 : 0;
                out[i] = -(alpha == 0 ? hard : out[i] * (1 + alpha * (cosines[i] - mean))) / rows;
            }
        }
        return out;
    }

    /**
     * Computes the gradient of {@link TrainingOracle#crfLoss}.
     *
     * @param guidance {@code [batch, height, width, colours]}
     * @param code {@code [batch, height, width, channels]}
     * @param points {@code [2, n]}
     */
    public static double[] crfLoss(
            float[] guidance, float[] code, int batch, int height, int width, int[] points, GuidanceSettings s) {
        int n = points.length / 2;
        int colours = guidance.length / (batch * height * width);
        int channels = code.length / (batch * height * width);
        double[] out = new double[code.length];
        for (int i = 0; i < batch * n * n; i++) {
            int a = i / n % n;
            int b = i % n;
            int first = i / (n * n) * height * width;
            int pixelA = first + points[a] * width + points[n + a];
            int pixelB = first + points[b] * width + points[n + b];
            double distance = Math.pow(points[a] - points[b], 2) + Math.pow(points[n + a] - points[n + b], 2);
            double colour = 0;
            for (int g = 0; g < colours; g++) {
                colour += Math.pow((double) guidance[pixelA * colours + g] - guidance[pixelB * colours + g], 2);
            }
            double affinity = s.w1() * Math.exp(-distance / (2 * s.alpha()) - colour / (2 * s.beta()))
                    + s.w2() * Math.exp(-distance / (2 * s.gamma()))
                    - s.shift();
            for (int c = 0; c < channels; c++) {
                out[pixelA * channels + c] -= 2 * affinity * code[pixelB * channels + c] / ((double) batch * n * n);
            }
        }
        return out;
    }
}
