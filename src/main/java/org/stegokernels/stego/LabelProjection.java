package org.stegokernels.stego;

import org.stegokernels.image.LabelMap;

/**
 * Brings class probabilities from the size at which they were computed to the size of the photograph, and takes the
 * most likely class of each pixel there: borders then run between the pixels of the coarse grid, as smooth as the
 * probabilities, where enlarged labels would show its steps. Bilinear, align_corners false.
 *
 * <p>Only pixels near a border need arithmetic: where the four surrounding grid points agree, every mean of them
 * does.
 */
final class LabelProjection {
    private final float[] probabilities;
    private final int rows;
    private final int columns;
    private final int candidates;
    private final int[] classOf;
    /** The most likely candidate at each grid point. */
    private final int[] best;

    /**
     * @param probabilities {@code [rows, columns, K]} at the start of the array; not copied
     * @param classOf the class of each of the K candidates
     */
    LabelProjection(float[] probabilities, int rows, int columns, int[] classOf) {
        this.probabilities = probabilities;
        this.rows = rows;
        this.columns = columns;
        this.candidates = classOf.length;
        this.classOf = classOf;
        best = new int[rows * columns];
        for (int i = 0; i < best.length; i++) {
            best[i] = mostLikely(i);
        }
    }

    private int mostLikely(int point) {
        int from = point * candidates;
        int at = 0;
        for (int k = 1; k < candidates; k++) {
            at = probabilities[from + k] > probabilities[from + at] ? k : at;
        }
        return at;
    }

    /**
     * Returns how sure each class is: the mean probability of the most likely candidate, over the grid points that go to the
     * class; 0 where none does.
     *
     * @param classes how many there are
     */
    double[] confidences(int classes) {
        double[] sums = new double[classes];
        int[] counts = new int[classes];
        for (int i = 0; i < best.length; i++) {
            int label = classOf[best[i]];
            sums[label] += probabilities[i * candidates + best[i]];
            counts[label]++;
        }
        for (int c = 0; c < classes; c++) {
            sums[c] = counts[c] == 0 ? 0 : sums[c] / counts[c];
        }
        return sums;
    }

    /** Returns the most likely candidate at a grid point. */
    int candidate(int row, int column) {
        return best[row * columns + column];
    }

    /** Returns its probability. */
    float highest(int row, int column) {
        int point = row * columns + column;
        return probabilities[point * candidates + best[point]];
    }

    /** Returns the class of each pixel of an image of another size. */
    LabelMap to(int width, int height) {
        return to(Axis.of(columns, width), Axis.of(rows, height));
    }

    /** Returns the class of each pixel of a part of such an image. */
    LabelMap to(Axis across, Axis down) {
        int width = across.low.length;
        int height = down.low.length;
        byte[] labels = new byte[width * height];
        for (int y = 0; y < height; y++) {
            int top = down.low[y] * columns;
            int bottom = down.high[y] * columns;
            float fractionY = down.fraction[y];
            for (int x = 0; x < width; x++) {
                int left = across.low[x];
                int right = across.high[x];
                int candidate = best[top + left];
                boolean agree = candidate == best[top + right]
                        && candidate == best[bottom + left]
                        && candidate == best[bottom + right];
                if (!agree) {
                    candidate = mixed(
                            top + left, top + right, bottom + left, bottom + right, fractionY, across.fraction[x]);
                }
                labels[y * width + x] = (byte) classOf[candidate];
            }
        }
        return new LabelMap(width, height, labels);
    }

    /**
     * Returns how probable the class of each pixel is: all its candidates together, enlarged as for {@link #to}.
     *
     * @param labels as {@link #to} returned them
     * @return 0 to 1, [height, width] of the label map
     */
    float[] confidence(LabelMap labels) {
        return confidence(labels, Axis.of(columns, labels.width()), Axis.of(rows, labels.height()));
    }

    /** As {@link #confidence(LabelMap)}, for a part of an image. */
    float[] confidence(LabelMap labels, Axis across, Axis down) {
        int width = labels.width();
        int height = labels.height();
        float[] confidence = new float[width * height];
        float[] ofOwnClass = new float[best.length];
        for (int i = 0; i < best.length; i++) {
            ofOwnClass[i] = probability(i, classOf[best[i]]);
        }
        for (int y = 0; y < height; y++) {
            int top = down.low[y] * columns;
            int bottom = down.high[y] * columns;
            float fractionY = down.fraction[y];
            for (int x = 0; x < width; x++) {
                int label = labels.labels()[y * width + x] & 0xFF;
                int left = across.low[x];
                int right = across.high[x];
                float upper = mean(label, ofOwnClass, top + left, top + right, across.fraction[x]);
                float lower = mean(label, ofOwnClass, bottom + left, bottom + right, across.fraction[x]);
                confidence[y * width + x] = Math.min(1, upper + fractionY * (lower - upper));
            }
        }
        return confidence;
    }

    private float mean(int label, float[] ofOwnClass, int a, int b, float fraction) {
        float atA = classOf[best[a]] == label ? ofOwnClass[a] : probability(a, label);
        float atB = classOf[best[b]] == label ? ofOwnClass[b] : probability(b, label);
        return atA + fraction * (atB - atA);
    }

    private float probability(int point, int label) {
        float sum = 0;
        for (int k = 0; k < candidates; k++) {
            sum += classOf[k] == label ? probabilities[point * candidates + k] : 0;
        }
        return sum;
    }

    private int mixed(int a, int b, int c, int d, float fractionY, float fractionX) {
        float wa = (1 - fractionY) * (1 - fractionX);
        float wb = (1 - fractionY) * fractionX;
        float wc = fractionY * (1 - fractionX);
        float wd = fractionY * fractionX;
        int at = 0;
        float highest = Float.NEGATIVE_INFINITY;
        for (int k = 0; k < candidates; k++) {
            float value = wa * probabilities[a * candidates + k]
                    + wb * probabilities[b * candidates + k]
                    + wc * probabilities[c * candidates + k]
                    + wd * probabilities[d * candidates + k];
            if (value > highest) {
                highest = value;
                at = k;
            }
        }
        return at;
    }

    /** The grid points before and after each pixel along one side, and its position between them. */
    record Axis(int[] low, int[] high, float[] fraction) {
        static Axis of(int from, int to) {
            return of(from, to, 0, to, 0);
        }

        /**
         * Returns the pixels of a part of a side, where the grid has a part of its points only.
         *
         * @param from points of the whole side
         * @param to pixels of the whole side
         * @param begin first pixel
         * @param end pixel after the last one
         * @param firstPoint of the grid
         */
        static Axis of(int from, int to, int begin, int end, int firstPoint) {
            int pixels = end - begin;
            Axis axis = new Axis(new int[pixels], new int[pixels], new float[pixels]);
            double scale = (double) from / to;
            for (int i = 0; i < pixels; i++) {
                double position = Math.max(0, (begin + i + 0.5) * scale - 0.5);
                int low = Math.min((int) position, from - 1);
                axis.low[i] = low - firstPoint;
                axis.high[i] = Math.min(low + 1, from - 1) - firstPoint;
                axis.fraction[i] = (float) (position - low);
            }
            return axis;
        }
    }
}
