package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Bilinear samples at given points, align_corners true, points outside moved to the border (PyTorch's grid_sample), and
 * the backward with respect to the image.
 *
 * <p>x, gradX {@code [A, height, width, channels]}; images {@code [N]} int32, in 0..A-1; coords {@code [N, perSample,
 * 2]}: x, then y, from -1 to 1; out, gradOut {@code [N, perSample, channels]}. Coordinates are computed in float and in
 * PyTorch's order of operations, so that a point falls between the same pixels.
 */
public final class GridSample {
    private GridSample() {}

    /** Returns a coordinate within the image; one that is not a number goes to the first pixel. */
    private static float inside(float coordinate, int size) {
        float position = (coordinate + 1) / 2 * (size - 1);
        float moved = 0;
        if (position > 0) {
            moved = TornadoMath.min(position, size - 1.0f);
        }
        return moved;
    }

    /** Launch: row kernel over out, rows = N perSample ({@link Rows}). */
    public static void gridSample(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int x = args.get(0);
        int images = args.get(1);
        int coords = args.get(2);
        int rows = args.get(3);
        int channels = args.get(4);
        int perSample = args.get(5);
        int height = args.get(6);
        int width = args.get(7);
        int out = args.get(8);
        int row = context.globalIdy;
        if (row < rows) {
            float column = inside(floats.get(coords + 2 * row), width);
            float line = inside(floats.get(coords + 2 * row + 1), height);
            int left = (int) column;
            int top = (int) line;
            int right = TornadoMath.min(left + 1, width - 1);
            int bottom = TornadoMath.min(top + 1, height - 1);
            float wx = column - left;
            float wy = line - top;
            int image = ints.get(images + row / perSample) * height;
            int upperLeft = x + ((image + top) * width + left) * channels;
            int upperRight = x + ((image + top) * width + right) * channels;
            int lowerLeft = x + ((image + bottom) * width + left) * channels;
            int lowerRight = x + ((image + bottom) * width + right) * channels;
            for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                float sum = floats.get(upperLeft + c) * ((1 - wx) * (1 - wy))
                        + floats.get(upperRight + c) * (wx * (1 - wy))
                        + floats.get(lowerLeft + c) * ((1 - wx) * wy)
                        + floats.get(lowerRight + c) * (wx * wy);
                floats.set(out + row * channels + c, sum);
            }
        }
    }

    /**
     * gradX, added to. In gather form, no atomics: the lanes of a row own a line of an image, go through all samples of
     * that image in order, and take from each point what belongs to their line; a lane owns its channels.
     *
     * <p>Launch: row kernel over the A height lines of gradX ({@link Rows}).
     */
    public static void gridSampleGradient(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int gradOut = args.get(0);
        int images = args.get(1);
        int coords = args.get(2);
        int rows = args.get(3);
        int channels = args.get(4);
        int samples = args.get(5);
        int perSample = args.get(6);
        int height = args.get(7);
        int width = args.get(8);
        int gradX = args.get(9);
        int row = context.globalIdy;
        if (row < rows) {
            int y = row % height;
            int line = gradX + row * width * channels;
            for (int sample = 0; sample < samples; sample++) {
                int points = 0;
                if (ints.get(images + sample) == row / height) {
                    points = perSample;
                }
                for (int point = sample * perSample; point < sample * perSample + points; point++) {
                    float position = inside(floats.get(coords + 2 * point + 1), height);
                    int top = (int) position;
                    int bottom = TornadoMath.min(top + 1, height - 1);
                    float wy = position - top;
                    float weight = 0;
                    if (top == y) {
                        weight = 1 - wy;
                    }
                    if (bottom == y) {
                        weight += wy;
                    }
                    if (weight != 0) {
                        float column = inside(floats.get(coords + 2 * point), width);
                        int left = (int) column;
                        int right = TornadoMath.min(left + 1, width - 1);
                        float wx = column - left;
                        for (int c = context.localIdx; c < channels; c += Rows.LANES) {
                            float g = weight * floats.get(gradOut + point * channels + c);
                            int atLeft = line + left * channels + c;
                            floats.set(atLeft, floats.get(atLeft) + g * (1 - wx));
                            int atRight = line + right * channels + c;
                            floats.set(atRight, floats.get(atRight) + g * wx);
                        }
                    }
                }
            }
        }
    }
}
