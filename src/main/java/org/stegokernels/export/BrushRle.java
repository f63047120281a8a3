package org.stegokernels.export;

import java.util.Arrays;

/**
 * Masks as Label Studio's brush keeps them: red, green, blue and opacity of each pixel, 255 in the mask and 0 elsewhere, as
 * runs of bytes in a stream of bits (the format of thi.ng/rle-pack). A head has the number of bytes in 32 bits, the bits
 * of a byte less 1 in 5, and four lengths less 1 in 4 bits each; every run has a bit that says that it is one, 2 bits for
 * the length in which its count less 1 is given, that count, and the byte.
 */
final class BrushRle {
    private static final int CHANNELS = 4;
    private static final int WORD_BITS = 8;
    private static final int[] COUNT_BITS = {3, 4, 8, 16};
    private static final int MAX_RUN = 1 << 16;
    private static final int FIRST_CAPACITY = 1 << 10;

    private int[] bytes = new int[FIRST_CAPACITY];
    private int length;
    private int pending;
    private int pendingBits;

    private BrushRle() {}

    /** Returns the mask of a class as bytes, 0 to 255. */
    static int[] of(ObjectMap objects, int classId) {
        BrushRle rle = new BrushRle();
        long words = (long) CHANNELS * objects.width() * objects.height();
        rle.put((int) (words >> 16), 16);
        rle.put((int) words & 0xFFFF, 16);
        rle.put(WORD_BITS - 1, 5);
        for (int bits : COUNT_BITS) {
            rle.put(bits - 1, 4);
        }
        boolean inside = false;
        long pixels = 0;
        for (int y = 0; y < objects.height(); y++) {
            for (int run = objects.firstRun(y); run < objects.firstRun(y + 1); run++) {
                int object = objects.objectOfRun(run);
                boolean here = object != ObjectMap.NONE && objects.classOf(object) == classId;
                if (here != inside) {
                    rle.putPixels(pixels, inside);
                    inside = here;
                    pixels = 0;
                }
                pixels += objects.end(run, y) - objects.start(run);
            }
        }
        rle.putPixels(pixels, inside);
        return rle.finished();
    }

    private void putPixels(long count, boolean inside) {
        for (long rest = CHANNELS * count; rest > 0; rest -= MAX_RUN) {
            putRun((int) Math.min(rest, MAX_RUN), inside ? 0xFF : 0);
        }
    }

    private void putRun(int count, int word) {
        int index = 0;
        while (count > 1 << COUNT_BITS[index]) {
            index++;
        }
        put(1, 1);
        put(index, 2);
        put(count - 1, COUNT_BITS[index]);
        put(word, WORD_BITS);
    }

    /** @param bits up to 16 */
    private void put(int value, int bits) {
        pending = pending << bits | value;
        pendingBits += bits;
        while (pendingBits >= 8) {
            pendingBits -= 8;
            add(pending >> pendingBits & 0xFF);
        }
    }

    private void add(int value) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, length + (length >> 1));
        }
        bytes[length++] = value;
    }

    private int[] finished() {
        if (pendingBits > 0) {
            add(pending << 8 - pendingBits & 0xFF);
        }
        return Arrays.copyOf(bytes, length);
    }
}
