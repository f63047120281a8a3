package org.stegokernels.image.webp;

/**
 * Smooths the edges between blocks of a whole frame (RFC 6386, section 15). The pixels of a segment across an edge are
 * called p3, p2, p1, p0 before it and q0, q1, q2, q3 after it.
 */
final class LoopFilter {
    private final Frame frame;
    private final FrameHeader.Filter header;
    /** The limits of the macroblock at hand (section 15.4). */
    private int interiorLimit;

    private int highVariance;

    LoopFilter(Frame frame, FrameHeader.Filter header) {
        this.frame = frame;
        this.header = header;
    }

    /**
     * Filters the frame.
     *
     * @param levels of each macroblock, 0 to 63
     * @param inner whether the edges between its subblocks are filtered, for each macroblock
     */
    void filter(byte[] levels, boolean[] inner) {
        for (int row = 0; row < frame.rows(); row++) {
            for (int column = 0; column < frame.columns(); column++) {
                int macroblock = row * frame.columns() + column;
                if (levels[macroblock] > 0) {
                    filter(column, row, levels[macroblock], inner[macroblock]);
                }
            }
        }
    }

    private void filter(int column, int row, int level, boolean inner) {
        interiorLimit = interiorLimit(level, header.sharpness());
        highVariance = level >= 40 ? 2 : level >= 15 ? 1 : 0;
        int innerLimit = 2 * level + interiorLimit;
        int outerLimit = innerLimit + 4;
        filter(frame.luma(), 16, column, row, innerLimit, outerLimit, inner);
        if (!header.simple()) {
            filter(frame.u(), 8, column, row, innerLimit, outerLimit, inner);
            filter(frame.v(), 8, column, row, innerLimit, outerLimit, inner);
        }
    }

    static int interiorLimit(int level, int sharpness) {
        int limit = level;
        if (sharpness > 0) {
            limit = Math.min(limit >> (sharpness > 4 ? 2 : 1), 9 - sharpness);
        }
        return Math.max(limit, 1);
    }

    private void filter(
            Frame.Plane plane, int size, int column, int row, int innerLimit, int outerLimit, boolean inner) {
        int at = plane.index(column * size, row * size);
        int stride = plane.stride();
        if (column > 0) {
            outerEdge(plane.pixels(), at, 1, stride, size, outerLimit);
        }
        for (int x = 4; inner && x < size; x += 4) {
            innerEdge(plane.pixels(), at + x, 1, stride, size, innerLimit);
        }
        if (row > 0) {
            outerEdge(plane.pixels(), at, stride, 1, size, outerLimit);
        }
        for (int y = 4; inner && y < size; y += 4) {
            innerEdge(plane.pixels(), at + y * stride, stride, 1, size, innerLimit);
        }
    }

    /**
     * Filters an edge between macroblocks.
     *
     * @param at the index of the first pixel after the edge
     * @param across the step from a pixel to the next across the edge
     * @param along the step from a segment to the next along the edge
     */
    private void outerEdge(byte[] pixels, int at, int across, int along, int length, int limit) {
        for (int i = 0; i < length; i++) {
            int q = at + i * along;
            if (header.simple()) {
                if (isBelow(pixels, q, across, limit)) {
                    adjust(pixels, q, across, true);
                }
            } else if (isBelow(pixels, q, across, limit) && isSmooth(pixels, q, across)) {
                if (hasHighVariance(pixels, q, across)) {
                    adjust(pixels, q, across, true);
                } else {
                    adjustWidely(pixels, q, across);
                }
            }
        }
    }

    /** Filters an edge between subblocks of a macroblock. */
    private void innerEdge(byte[] pixels, int at, int across, int along, int length, int limit) {
        for (int i = 0; i < length; i++) {
            int q = at + i * along;
            if (header.simple()) {
                if (isBelow(pixels, q, across, limit)) {
                    adjust(pixels, q, across, true);
                }
            } else if (isBelow(pixels, q, across, limit) && isSmooth(pixels, q, across)) {
                boolean highVariance = hasHighVariance(pixels, q, across);
                int a = adjust(pixels, q, across, highVariance) + 1 >> 1;
                if (!highVariance) {
                    add(pixels, q + across, -a);
                    add(pixels, q - 2 * across, a);
                }
            }
        }
    }

    /** Returns whether the step at the edge is small enough to come from quantization. */
    private static boolean isBelow(byte[] pixels, int q, int across, int limit) {
        int p1 = pixels[q - 2 * across] & 0xFF;
        int p0 = pixels[q - across] & 0xFF;
        int q0 = pixels[q] & 0xFF;
        int q1 = pixels[q + across] & 0xFF;
        return 2 * Math.abs(p0 - q0) + (Math.abs(p1 - q1) >> 1) <= limit;
    }

    private boolean isSmooth(byte[] pixels, int q, int across) {
        int limit = interiorLimit;
        int p3 = pixels[q - 4 * across] & 0xFF;
        int p2 = pixels[q - 3 * across] & 0xFF;
        int p1 = pixels[q - 2 * across] & 0xFF;
        int p0 = pixels[q - across] & 0xFF;
        int q0 = pixels[q] & 0xFF;
        int q1 = pixels[q + across] & 0xFF;
        int q2 = pixels[q + 2 * across] & 0xFF;
        int q3 = pixels[q + 3 * across] & 0xFF;
        return Math.abs(p3 - p2) <= limit
                && Math.abs(p2 - p1) <= limit
                && Math.abs(p1 - p0) <= limit
                && Math.abs(q3 - q2) <= limit
                && Math.abs(q2 - q1) <= limit
                && Math.abs(q1 - q0) <= limit;
    }

    private boolean hasHighVariance(byte[] pixels, int q, int across) {
        int p1 = pixels[q - 2 * across] & 0xFF;
        int p0 = pixels[q - across] & 0xFF;
        int q0 = pixels[q] & 0xFF;
        int q1 = pixels[q + across] & 0xFF;
        return Math.abs(p1 - p0) > highVariance || Math.abs(q1 - q0) > highVariance;
    }

    /** Brings p0 and q0 closer together ("common_adjust") and returns what was taken from q0. */
    private static int adjust(byte[] pixels, int q, int across, boolean usesOuterTaps) {
        int p1 = pixels[q - 2 * across] & 0xFF;
        int p0 = pixels[q - across] & 0xFF;
        int q0 = pixels[q] & 0xFF;
        int q1 = pixels[q + across] & 0xFF;
        int a = clamp((usesOuterTaps ? clamp(p1 - q1) : 0) + 3 * (q0 - p0));
        int down = clamp(a + 4) >> 3;
        add(pixels, q, -down);
        add(pixels, q - across, clamp(a + 3) >> 3);
        return down;
    }

    /** Brings three pixels on each side closer together ("MBfilter" without high variance). */
    private static void adjustWidely(byte[] pixels, int q, int across) {
        int p1 = pixels[q - 2 * across] & 0xFF;
        int p0 = pixels[q - across] & 0xFF;
        int q0 = pixels[q] & 0xFF;
        int q1 = pixels[q + across] & 0xFF;
        int w = clamp(clamp(p1 - q1) + 3 * (q0 - p0));
        int a = 27 * w + 63 >> 7;
        add(pixels, q, -a);
        add(pixels, q - across, a);
        a = 18 * w + 63 >> 7;
        add(pixels, q + across, -a);
        add(pixels, q - 2 * across, a);
        a = 9 * w + 63 >> 7;
        add(pixels, q + 2 * across, -a);
        add(pixels, q - 3 * across, a);
    }

    private static int clamp(int value) {
        return Math.max(Byte.MIN_VALUE, Math.min(value, Byte.MAX_VALUE));
    }

    private static void add(byte[] pixels, int at, int value) {
        int sum = (pixels[at] & 0xFF) + value;
        pixels[at] = (byte) Math.max(0, Math.min(sum, 255));
    }
}
