package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * CRF loss: the mean over images and pairs of points (i, j) of {@code -affinity (c_i . c_j)}. With K the matrix of
 * affinities, {@code K c} ({@link Product}) gives both: the loss is {@code -sum c . K c / n^2}, the gradient {@code -2
 * K c / n^2}. K exists some rows at a time.
 *
 * <p>guidance {@code [B, size, colours]}, code {@code [B, size, channels]}, size = height width; points {@code [2, n]}
 * int32: rows, then columns, the same of every image.
 */
public final class CrfLoss {
    private CrfLoss() {}

    /**
     * Selects the points: places {@code [B, 2 + colours, n]} (row, column, colours: planes, so that neighbouring items
     * read neighbours) and codes {@code [B, n, channels]}.
     *
     * <p>Launch: row kernel over the B n points ({@link Rows}).
     */
    public static void selectPoints(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int guidance = args.get(0);
        int code = args.get(1);
        int points = args.get(2);
        int rows = args.get(3);
        int n = args.get(4);
        int size = args.get(5);
        int width = args.get(6);
        int colours = args.get(7);
        int channels = args.get(8);
        int places = args.get(9);
        int codes = args.get(10);
        int lane = context.localIdx;
        int row = context.globalIdy;
        if (row < rows) {
            int i = row % n;
            int line = ints.get(points + i);
            int column = ints.get(points + n + i);
            int pixel = row / n * size + line * width + column;
            int plane = places + row / n * (2 + colours) * n + i;
            for (int g = lane; g < colours; g += Rows.LANES) {
                floats.set(plane + (2 + g) * n, floats.get(guidance + pixel * colours + g));
            }
            if (lane == 0) {
                floats.set(plane, line);
                floats.set(plane + n, column);
            }
            for (int c = lane; c < channels; c += Rows.LANES) {
                floats.set(codes + row * channels + c, floats.get(code + pixel * channels + c));
            }
        }
    }

    /**
     * Computes some rows of K: {@code w1 exp(-distance nearby - colour alike) + w2 exp(-distance beside) - shift}.
     *
     * <p>out {@code [B, count, n]}: the points first to first + count - 1 of each image against all; rows = B count;
     * planes = 2 + colours.
     *
     * <p>Launch: row kernel over out ({@link Rows}).
     */
    public static void affinities(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int places = args.get(0);
        int rows = args.get(1);
        int count = args.get(2);
        int first = args.get(3);
        int n = args.get(4);
        int planes = args.get(5);
        int out = args.get(6);
        float nearby = numbers.get(0);
        float alike = numbers.get(1);
        float beside = numbers.get(2);
        float w1 = numbers.get(3);
        float w2 = numbers.get(4);
        float shift = numbers.get(5);
        int row = context.globalIdy;
        if (row < rows) {
            int i = first + row % count;
            int place = places + row / count * planes * n;
            for (int j = context.localIdx; j < n; j += Rows.LANES) {
                float distance = 0;
                for (int g = 0; g < 2; g++) {
                    float difference = floats.get(place + g * n + j) - floats.get(place + g * n + i);
                    distance += difference * difference;
                }
                float colour = 0;
                for (int g = 2; g < planes; g++) {
                    float difference = floats.get(place + g * n + j) - floats.get(place + g * n + i);
                    colour += difference * difference;
                }
                float affinity = w1 * TornadoMath.exp(-distance * nearby - colour * alike)
                        + w2 * TornadoMath.exp(-distance * beside)
                        - shift;
                floats.set(out + row * n + j, affinity);
            }
        }
    }

    /**
     * Computes {@code products[row] = codes . K c}; {@link Sum} adds them up.
     *
     * <p>codes, moved (K c) {@code [rows, channels]}.
     *
     * <p>Launch: row kernel ({@link Rows}).
     */
    public static void codeProducts(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int codes = args.get(0);
        int moved = args.get(1);
        int rows = args.get(2);
        int channels = args.get(3);
        int products = args.get(4);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int count = row < rows ? channels : 0;

        float part = 0;
        for (int c = lane; c < count; c += Rows.LANES) {
            part += floats.get(codes + row * channels + c) * floats.get(moved + row * channels + c);
        }
        float product = Rows.sum(context, part, scratch);
        if (lane == 0 && row < rows) {
            floats.set(products + row, product);
        }
    }

    /**
     * Computes {@code gradCode[pixel of point i] += factor moved[i]}, gradCode being zero before. No atomics, though a
     * point may be drawn twice: an item owns a channel of an image, and goes through the points in order.
     *
     * <p>Launch: one item a channel; second dimension: B.
     */
    public static void scatterPoints(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int moved = args.get(0);
        int points = args.get(1);
        int n = args.get(2);
        int size = args.get(3);
        int width = args.get(4);
        int channels = args.get(5);
        float factor = numbers.get(0);
        int gradCode = args.get(6);
        int c = context.globalIdx;
        int image = context.globalIdy;
        if (c < channels) {
            for (int i = 0; i < n; i++) {
                int pixel = image * size + ints.get(points + i) * width + ints.get(points + n + i);
                int to = gradCode + pixel * channels + c;
                floats.set(to, floats.get(to) + factor * floats.get(moved + (image * n + i) * channels + c));
            }
        }
    }
}
