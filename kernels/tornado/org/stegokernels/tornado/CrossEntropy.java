package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Cross-entropy of logits resized to the size of the labels ({@link Bilinear}), the resized logits never stored: the
 * mean of {@code classWeights[label] (log sum exp(l) - l[label])} over all labels in 0..classes-1; other labels are
 * ignored.
 *
 * <p>logits, gradLogits {@code [B, height, width, classes]}; labels {@code [B, outHeight, outWidth]} int32; classWeights
 * {@code [classes]}.
 *
 * <p>Work goes by cells. A cell (y, x) are the labels whose upper left neighbour is logit (y, x): all of them mix the
 * same four rows of logits, the corners, by weights of their own. Cells cover the labels, so each label belongs to one
 * cell, and what a logit gets comes from four cells: no atomics. What is kept for a label lies in the order of the
 * cells, stride = B outHeight outWidth floats each: log sum exp, label (-1 if ignored), weights of the right and of the
 * lower corners, weight of its class.
 *
 * <p>Launch: row kernels over the cells, rows = B height width ({@link Rows}). In crossEntropyPixels a lane takes
 * labels, in crossEntropyCells classes of its own.
 */
public final class CrossEntropy {
    private CrossEntropy() {}

    /**
     * Returns the first of the indices 0..size-1 that have {@code index} as the lower of their source neighbours, or
     * size.
     */
    private static int firstOf(int index, int inputSize, int size) {
        int first = 0;
        if (index == inputSize) {
            first = size;
        } else if (index > 0) {
            long least = (2L * index + 1) * size - inputSize;
            first = TornadoMath.min(size, (int) ((least + 2L * inputSize - 1) / (2L * inputSize)));
        }
        return first;
    }

    /** Returns the position of index i between its lower source neighbour and the upper one. */
    private static float fraction(int i, int lower, int inputSize, int size) {
        return (int) (Bilinear.numerator(i, inputSize, size) - 2L * lower * size) / (2.0f * size);
    }

    /**
     * Keeps a few numbers of each label; and of each cell the sum of its losses and the number of its labels that
     * count.
     */
    public static void crossEntropyPixels(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int logits = args.get(0);
        int labels = args.get(1);
        int rows = args.get(2);
        int height = args.get(3);
        int width = args.get(4);
        int classes = args.get(5);
        int outHeight = args.get(6);
        int outWidth = args.get(7);
        int stride = args.get(8);
        int classWeights = args.get(9);
        int kept = args.get(10);
        int losses = args.get(11);
        int counts = args.get(12);
        float[] scratch = context.allocateFloatLocalArray(Rows.SCRATCH);
        int lane = context.localIdx;
        int row = context.globalIdy;
        int y = row / width % height;
        int x = row % width;
        int image = row / width / height;
        int top = firstOf(y, height, outHeight);
        int left = firstOf(x, width, outWidth);
        int columns = firstOf(x + 1, width, outWidth) - left;
        int lines = firstOf(y + 1, height, outHeight) - top;
        int start = kept + (image * outHeight + top) * outWidth + lines * left;
        int right = TornadoMath.min(x + 1, width - 1);
        int bottom = TornadoMath.min(y + 1, height - 1);
        int upperLeft = logits + ((image * height + y) * width + x) * classes;
        int upperRight = logits + ((image * height + y) * width + right) * classes;
        int lowerLeft = logits + ((image * height + bottom) * width + x) * classes;
        int lowerRight = logits + ((image * height + bottom) * width + right) * classes;
        int count = row < rows ? lines * columns : 0;

        // Compensated, as in Sum: a cell of few logits and many labels has a long sum.
        float loss = 0;
        float lost = 0;
        float valid = 0;
        for (int p = lane; p < count; p += Rows.LANES) {
            int line = top + p / columns;
            int column = left + p % columns;
            float fx = fraction(column, x, width, outWidth);
            float fy = fraction(line, y, height, outHeight);
            float a = (1 - fx) * (1 - fy);
            float b = fx * (1 - fy);
            float c = (1 - fx) * fy;
            float d = fx * fy;
            int label = ints.get(labels + (image * outHeight + line) * outWidth + column);
            if (label >= classes || label < 0) {
                label = -1;
            }
            float maximum = Rows.LOWEST;
            float chosen = 0;
            for (int k = 0; k < classes; k++) {
                float logit = floats.get(upperLeft + k) * a
                        + floats.get(upperRight + k) * b
                        + floats.get(lowerLeft + k) * c
                        + floats.get(lowerRight + k) * d;
                maximum = TornadoMath.max(maximum, logit);
                if (k == label) {
                    chosen = logit;
                }
            }
            float sum = 0;
            for (int k = 0; k < classes; k++) {
                float logit = floats.get(upperLeft + k) * a
                        + floats.get(upperRight + k) * b
                        + floats.get(lowerLeft + k) * c
                        + floats.get(lowerRight + k) * d;
                sum += TornadoMath.exp(logit - maximum);
            }
            float whole = maximum + TornadoMath.log(sum);
            float classWeight = 0;
            if (label >= 0) {
                classWeight = floats.get(classWeights + label);
                float term = classWeight * (whole - chosen);
                float next = loss + term;
                if (TornadoMath.abs(loss) >= TornadoMath.abs(term)) {
                    lost += (loss - next) + term;
                } else {
                    lost += (term - next) + loss;
                }
                loss = next;
                valid += 1;
            }
            floats.set(start + p, whole);
            floats.set(start + stride + p, label);
            floats.set(start + 2 * stride + p, fx);
            floats.set(start + 3 * stride + p, fy);
            floats.set(start + 4 * stride + p, classWeight);
        }
        float lossOfCell = Rows.sum(context, loss, scratch);
        lossOfCell += Rows.sum(context, lost, scratch);
        float validOfCell = Rows.sum(context, valid, scratch);
        if (lane == 0 && row < rows) {
            floats.set(losses + row, lossOfCell);
            floats.set(counts + row, validOfCell);
        }
    }

    /**
     * Computes the share of each corner of each cell: the sum over its labels of a corner's weight times {@code
     * classWeights[label] (softmax(l) - [c = label])}.
     *
     * <p>gradients {@code [rows, 4, classes]}.
     */
    public static void crossEntropyCells(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int logits = args.get(0);
        int kept = args.get(1);
        int rows = args.get(2);
        int height = args.get(3);
        int width = args.get(4);
        int classes = args.get(5);
        int outHeight = args.get(6);
        int outWidth = args.get(7);
        int stride = args.get(8);
        int gradients = args.get(9);
        int row = context.globalIdy;
        if (row < rows) {
            int y = row / width % height;
            int x = row % width;
            int image = row / width / height;
            int top = firstOf(y, height, outHeight);
            int left = firstOf(x, width, outWidth);
            int columns = firstOf(x + 1, width, outWidth) - left;
            int lines = firstOf(y + 1, height, outHeight) - top;
            int start = kept + (image * outHeight + top) * outWidth + lines * left;
            int right = TornadoMath.min(x + 1, width - 1);
            int bottom = TornadoMath.min(y + 1, height - 1);
            int to = gradients + row * 4 * classes;
            for (int k = context.localIdx; k < classes; k += Rows.LANES) {
                float upperLeft = floats.get(logits + ((image * height + y) * width + x) * classes + k);
                float upperRight = floats.get(logits + ((image * height + y) * width + right) * classes + k);
                float lowerLeft = floats.get(logits + ((image * height + bottom) * width + x) * classes + k);
                float lowerRight = floats.get(logits + ((image * height + bottom) * width + right) * classes + k);
                float a = 0;
                float b = 0;
                float c = 0;
                float d = 0;
                for (int p = start; p < start + lines * columns; p++) {
                    int label = (int) floats.get(stride + p);
                    if (label >= 0) {
                        float fx = floats.get(2 * stride + p);
                        float fy = floats.get(3 * stride + p);
                        float logit = upperLeft * ((1 - fx) * (1 - fy))
                                + upperRight * (fx * (1 - fy))
                                + lowerLeft * ((1 - fx) * fy)
                                + lowerRight * (fx * fy);
                        float share = TornadoMath.exp(logit - floats.get(p));
                        if (label == k) {
                            share -= 1;
                        }
                        share *= floats.get(4 * stride + p);
                        a += share * ((1 - fx) * (1 - fy));
                        b += share * (fx * (1 - fy));
                        c += share * ((1 - fx) * fy);
                        d += share * (fx * fy);
                    }
                }
                floats.set(to + k, a);
                floats.set(to + classes + k, b);
                floats.set(to + 2 * classes + k, c);
                floats.set(to + 3 * classes + k, d);
            }
        }
    }

    /**
     * Computes {@code gradLogits = weight / valid} times what the cells around each logit give to it; 0 if no label
     * counts.
     *
     * <p>gradients {@code [rows, 4, classes]}; valid {@code [1]}.
     */
    public static void crossEntropyGather(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int gradients = args.get(0);
        int valid = args.get(1);
        int rows = args.get(2);
        int height = args.get(3);
        int width = args.get(4);
        int classes = args.get(5);
        float weight = numbers.get(0);
        int gradLogits = args.get(6);
        int row = context.globalIdy;
        if (row < rows) {
            float factor = 0;
            if (floats.get(valid) > 0) {
                factor = weight / floats.get(valid);
            }
            int y = row / width % height;
            int x = row % width;
            int own = gradients + row * 4 * classes;
            int beside = own - 4 * classes;
            int above = own - 4 * width * classes;
            int aslant = above - 4 * classes;
            for (int c = context.localIdx; c < classes; c += Rows.LANES) {
                // At the right and lower borders a corner is its own neighbour.
                float sum = floats.get(own + c);
                if (x == width - 1) {
                    sum += floats.get(own + classes + c);
                }
                if (y == height - 1) {
                    sum += floats.get(own + 2 * classes + c);
                    if (x == width - 1) {
                        sum += floats.get(own + 3 * classes + c);
                    }
                }
                if (x > 0) {
                    sum += floats.get(beside + classes + c);
                    if (y == height - 1) {
                        sum += floats.get(beside + 3 * classes + c);
                    }
                }
                if (y > 0) {
                    sum += floats.get(above + 2 * classes + c);
                    if (x == width - 1) {
                        sum += floats.get(above + 3 * classes + c);
                    }
                    if (x > 0) {
                        sum += floats.get(aslant + 3 * classes + c);
                    }
                }
                floats.set(gradLogits + row * classes + c, factor * sum);
            }
        }
    }

    /**
     * Computes {@code loss[0] = total / valid}, or 0.
     *
     * <p>Launch: one item.
     */
    public static void crossEntropyLoss(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int total = args.get(0);
        int valid = args.get(1);
        int out = args.get(2);
        if (context.globalIdx == 0) {
            float loss = 0;
            if (floats.get(valid) > 0) {
                loss = floats.get(total) / floats.get(valid);
            }
            floats.set(out, loss);
        }
    }
}
