package org.stegokernels.image;

import java.util.Arrays;

/**
 * Changes the size of images and label maps, pixel for pixel as Pillow does it, on which the published transforms of
 * torchvision rest.
 */
public final class Resize {
    /** Fixed-point bits of a filter weight: an 8-bit value times a weight of 1, and some room, fit an int. */
    private static final int WEIGHT_BITS = 22;

    private static final int HALF = 1 << (WEIGHT_BITS - 1);

    private Resize() {}

    /** Width and height in pixels. */
    public record Size(int width, int height) {}

    /**
     * Returns the size at which the shorter side is {@code shorter} pixels and the other follows: torchvision's {@code
     * Resize(int)}, which truncates {@code shorter * longSide / shortSide}.
     */
    public static Size shorterSide(int width, int height, int shorter) {
        requireSize(shorter, shorter);
        int longer = (int) ((double) ((long) shorter * Math.max(width, height)) / Math.min(width, height));
        return width <= height ? new Size(shorter, longer) : new Size(longer, shorter);
    }

    /** Resizes by nearest neighbour: output pixel i takes source pixel floor((i + 0.5) * scale). */
    public static RgbImage nearest(RgbImage image, int width, int height) {
        requireSize(width, height);
        if (width == image.width() && height == image.height()) {
            return image;
        }
        int[] columns = nearestIndices(image.width(), width);
        int[] rows = nearestIndices(image.height(), height);
        byte[] source = image.rgb();
        byte[] target = new byte[samples(width, height, 3)];
        int to = 0;
        for (int y = 0; y < height; y++) {
            int row = rows[y] * image.width();
            for (int x = 0; x < width; x++) {
                int from = 3 * (row + columns[x]);
                target[to++] = source[from];
                target[to++] = source[from + 1];
                target[to++] = source[from + 2];
            }
        }
        return new RgbImage(width, height, target);
    }

    /** Resizes by nearest neighbour, as for images. */
    public static LabelMap nearest(LabelMap map, int width, int height) {
        requireSize(width, height);
        if (width == map.width() && height == map.height()) {
            return map;
        }
        int[] columns = nearestIndices(map.width(), width);
        int[] rows = nearestIndices(map.height(), height);
        byte[] source = map.labels();
        byte[] target = new byte[samples(width, height, 1)];
        int to = 0;
        for (int y = 0; y < height; y++) {
            int row = rows[y] * map.width();
            for (int x = 0; x < width; x++) {
                target[to++] = source[row + columns[x]];
            }
        }
        return new LabelMap(width, height, target);
    }

    /**
     * Returns the source index of each output pixel. Pillow steps by adding the scale, and so does this: the product
     * (i + 0.5) * scale lands on the other side of an integer for one size in ten.
     */
    static int[] nearestIndices(int from, int to) {
        int[] indices = new int[to];
        double scale = (double) from / to;
        double position = scale * 0.5;
        for (int i = 0; i < to; i++) {
            indices[i] = Math.min((int) position, from - 1);
            position += scale;
        }
        return indices;
    }

    /** Returns the middle of an image; an odd margin is split as torchvision does, rounding half to even. */
    public static RgbImage centerCrop(RgbImage image, int width, int height) {
        return crop(image, margin(image.width(), width), margin(image.height(), height), width, height);
    }

    /** Returns the middle of a label map, as for images. */
    public static LabelMap centerCrop(LabelMap map, int width, int height) {
        return crop(map, margin(map.width(), width), margin(map.height(), height), width, height);
    }

    /**
     * Returns a part of an image.
     *
     * @throws IllegalArgumentException if it is not within the image
     */
    public static RgbImage crop(RgbImage image, int left, int top, int width, int height) {
        return new RgbImage(
                width, height, crop(image.rgb(), 3, image.width(), image.height(), left, top, width, height));
    }

    /** Returns a part of a label map, as for images. */
    public static LabelMap crop(LabelMap map, int left, int top, int width, int height) {
        return new LabelMap(width, height, crop(map.labels(), 1, map.width(), map.height(), left, top, width, height));
    }

    /** Returns the first pixel of the middle. */
    private static int margin(int from, int to) {
        return (int) Math.rint((from - to) / 2.0);
    }

    private static byte[] crop(
            byte[] source, int channels, int fromWidth, int fromHeight, int left, int top, int width, int height) {
        requireSize(width, height);
        boolean inside = left >= 0 && top >= 0 && width <= fromWidth - left && height <= fromHeight - top;
        if (!inside) {
            throw new IllegalArgumentException("can't crop " + width + "x" + height + " out of " + fromWidth + "x"
                    + fromHeight + " at " + left + "," + top);
        }
        byte[] target = new byte[samples(width, height, channels)];
        for (int y = 0; y < height; y++) {
            int from = channels * ((top + y) * fromWidth + left);
            System.arraycopy(source, from, target, channels * y * width, channels * width);
        }
        return target;
    }

    /**
     * Returns the part of an image that the published transform keeps: resized with nearest neighbour until the shorter
     * side is {@code size}, then the square in the middle.
     */
    public static RgbImage centerSquare(RgbImage image, int size) {
        Size resized = shorterSide(image.width(), image.height(), size);
        return centerCrop(nearest(image, resized.width(), resized.height()), size, size);
    }

    /** As {@link #centerSquare(RgbImage, int)}, for a label map. */
    public static LabelMap centerSquare(LabelMap map, int size) {
        Size resized = shorterSide(map.width(), map.height(), size);
        return centerCrop(nearest(map, resized.width(), resized.height()), size, size);
    }

    /**
     * Resizes with a triangle filter whose support grows with the reduction, so that nothing aliases: Pillow's {@code
     * BILINEAR} and torchvision's {@code antialias=True}, bit for bit (weights in fixed point, first along x, then
     * along y).
     */
    public static RgbImage antialiased(RgbImage image, int width, int height) {
        requireSize(width, height);
        return antialiased(image, Span.whole(image.width(), width), Span.whole(image.height(), height));
    }

    /**
     * Returns a part of what {@link #antialiased(RgbImage, int, int)} makes of an image, from no more of the image than
     * that takes.
     *
     * @param source the part of the image from {@link Span#sourceBegin} to {@link Span#sourceEnd} of both sides
     * @throws IllegalArgumentException if it is of another size
     */
    public static RgbImage antialiased(RgbImage source, Span across, Span down) {
        if (source.width() != across.sourceEnd() - across.sourceBegin()
                || source.height() != down.sourceEnd() - down.sourceBegin()) {
            throw new IllegalArgumentException("an image of " + source.width() + "x" + source.height() + " is not what "
                    + across + " and " + down + " are made of");
        }
        byte[] pixels = source.rgb();
        if (across.from != across.to) {
            pixels = resizeRows(pixels, source.width(), source.height(), Filter.triangle(across));
        }
        if (down.from != down.to) {
            pixels = resizeColumns(pixels, 3 * across.length(), Filter.triangle(down));
        }
        return pixels == source.rgb() ? source : new RgbImage(across.length(), down.length(), pixels);
    }

    /**
     * A part of one side of a resized image.
     *
     * @param from length of the side in the image
     * @param to length of the side in the resized image
     * @param begin first pixel of the part in the resized image
     * @param end pixel after the last one
     */
    public record Span(int from, int to, int begin, int end) {
        /**
         * Checks the range.
         *
         * @throws IllegalArgumentException if the part is empty or not within the side
         */
        public Span {
            if (from < 1 || begin < 0 || begin >= end || end > to) {
                throw new IllegalArgumentException(
                        "no part of " + to + " pixels made of " + from + ": " + begin + " to " + end);
            }
        }

        static Span whole(int from, int to) {
            return new Span(from, to, 0, to);
        }

        /** Returns the number of pixels of the part. */
        public int length() {
            return end - begin;
        }

        /** Returns the first pixel of the image that the part depends on. */
        public int sourceBegin() {
            return from == to ? begin : low(begin);
        }

        /** Returns the pixel of the image after the last one that the part depends on. */
        public int sourceEnd() {
            return from == to ? end : high(end - 1);
        }

        private double scale() {
            return (double) from / to;
        }

        /** Returns how far the filter reaches to both sides, in pixels of the image. */
        private double support() {
            return Math.max(scale(), 1);
        }

        private double center(int pixel) {
            return (pixel + 0.5) * scale();
        }

        private int low(int pixel) {
            return Math.max((int) (center(pixel) - support() + 0.5), 0);
        }

        private int high(int pixel) {
            return Math.min((int) (center(pixel) + support() + 0.5), from);
        }
    }

    private static byte[] resizeRows(byte[] source, int fromWidth, int height, Filter filter) {
        int width = filter.first.length;
        byte[] target = new byte[samples(width, height, 3)];
        int to = 0;
        for (int y = 0; y < height; y++) {
            int row = 3 * y * fromWidth;
            for (int x = 0; x < width; x++) {
                int from = row + 3 * filter.first[x];
                int red = HALF;
                int green = HALF;
                int blue = HALF;
                for (int weight : filter.weights[x]) {
                    red += weight * (source[from] & 0xFF);
                    green += weight * (source[from + 1] & 0xFF);
                    blue += weight * (source[from + 2] & 0xFF);
                    from += 3;
                }
                target[to++] = rounded(red);
                target[to++] = rounded(green);
                target[to++] = rounded(blue);
            }
        }
        return target;
    }

    private static byte[] resizeColumns(byte[] source, int rowLength, Filter filter) {
        int height = filter.first.length;
        byte[] target = new byte[rowLength * height];
        int[] sums = new int[rowLength];
        for (int y = 0; y < height; y++) {
            Arrays.fill(sums, HALF);
            int from = filter.first[y] * rowLength;
            for (int weight : filter.weights[y]) {
                for (int i = 0; i < rowLength; i++) {
                    sums[i] += weight * (source[from + i] & 0xFF);
                }
                from += rowLength;
            }
            int to = y * rowLength;
            for (int i = 0; i < rowLength; i++) {
                target[to + i] = rounded(sums[i]);
            }
        }
        return target;
    }

    /** Converts from fixed point; thousands of rounded-up weights may pass 255. */
    private static byte rounded(int sum) {
        return (byte) Math.min(sum >> WEIGHT_BITS, 255);
    }

    /** The first source pixel of each output pixel and the weights from there on, which sum to 1 up to rounding. */
    private record Filter(int[] first, int[][] weights) {
        /** Counts source pixels from the first that the span depends on. */
        static Filter triangle(Span span) {
            double support = span.support();
            int[] first = new int[span.length()];
            int[][] weights = new int[span.length()][];
            for (int i = 0; i < first.length; i++) {
                double center = span.center(span.begin + i);
                int low = span.low(span.begin + i);
                double[] triangle = new double[span.high(span.begin + i) - low];
                double sum = 0;
                for (int j = 0; j < triangle.length; j++) {
                    double distance = Math.abs((j + low - center + 0.5) * (1 / support));
                    triangle[j] = distance < 1 ? 1 - distance : 0;
                    sum += triangle[j];
                }
                first[i] = low - span.sourceBegin();
                weights[i] = new int[triangle.length];
                for (int j = 0; j < triangle.length; j++) {
                    weights[i][j] = (int) (0.5 + triangle[j] / sum * (1 << WEIGHT_BITS));
                }
            }
            return new Filter(first, weights);
        }
    }

    private static void requireSize(int width, int height) {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("can't resize to " + width + "x" + height);
        }
    }

    private static int samples(int width, int height, int channels) {
        return Math.toIntExact((long) width * height * channels);
    }
}
