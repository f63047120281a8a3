package org.stegokernels.vit;

import java.util.Arrays;

/**
 * Cubic convolution with a = -0.5 whose kernel is as wide as the image shrinks, so that it smooths what it can't show:
 * what PyTorch's {@code interpolate(mode="bicubic", antialias=True)} computes, and Pillow before it (Keys 1981). On the
 * host, in double precision: it is done once for each size of image.
 */
final class AntialiasedBicubic {
    private static final double A = -0.5;
    /** Half the width of the kernel where the image doesn't shrink. */
    private static final double SUPPORT = 2;

    private AntialiasedBicubic() {}

    /** The weights of {@code weights.length} neighbouring samples from {@code first} on. */
    private record Taps(int first, double[] weights) {}

    /**
     * Resizes an image.
     *
     * @param image {@code [side, side, channels]}
     * @return {@code [height, width, channels]}
     */
    static float[] resize(float[] image, int side, int channels, int height, int width) {
        double[] wide = new double[side * width * channels];
        for (int x = 0; x < width; x++) {
            Taps taps = taps(side, width, x);
            for (int tap = 0; tap < taps.weights().length; tap++) {
                double weight = taps.weights()[tap];
                int column = taps.first() + tap;
                for (int y = 0; y < side; y++) {
                    int from = (y * side + column) * channels;
                    int to = (y * width + x) * channels;
                    for (int c = 0; c < channels; c++) {
                        wide[to + c] += weight * image[from + c];
                    }
                }
            }
        }
        int row = width * channels;
        float[] out = new float[height * row];
        double[] sums = new double[row];
        for (int y = 0; y < height; y++) {
            Taps taps = taps(side, height, y);
            Arrays.fill(sums, 0);
            for (int tap = 0; tap < taps.weights().length; tap++) {
                int from = (taps.first() + tap) * row;
                for (int i = 0; i < row; i++) {
                    sums[i] += taps.weights()[tap] * wide[from + i];
                }
            }
            for (int i = 0; i < row; i++) {
                out[y * row + i] = (float) sums[i];
            }
        }
        return out;
    }

    private static Taps taps(int from, int to, int index) {
        double scale = (double) from / to;
        double stretch = Math.max(scale, 1);
        double center = scale * (index + 0.5);
        double support = SUPPORT * stretch;
        int first = Math.max((int) (center - support + 0.5), 0);
        int end = Math.min((int) (center + support + 0.5), from);
        double[] weights = new double[end - first];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = kernel((first + i - center + 0.5) / stretch);
            sum += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        return new Taps(first, weights);
    }

    private static double kernel(double distance) {
        double x = Math.abs(distance);
        if (x < 1) {
            return ((A + 2) * x - (A + 3)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }
}
