package org.stegokernels.export;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Masks of objects as runs down the columns, in the compressed form of COCO: lengths of runs without and with the object in
 * turn, the first one without; from the fourth on the difference to the length before the last. Each number is written in
 * groups of 5 bits, the lowest first, in characters from 48 on; the bit of 32 says that another group follows, and the
 * highest bit of the last group is the sign.
 *
 * <p>The runs come from the borders between rows, without the pixels: a run begins below such a border and ends above one.
 */
final class CocoRle {
    private static final int FIRST_CHARACTER = 48;
    private static final int GROUP_BITS = 5;
    private static final int GROUP = (1 << GROUP_BITS) - 1;
    private static final int SIGN = 1 << GROUP_BITS - 1;
    private static final int MORE = 1 << GROUP_BITS;
    /** Groups that a difference of two ints has at most. */
    private static final int MAX_GROUPS = 7;

    private final int pixels;
    /** Where the runs of each object begin in the arrays, and the number of all: [objects + 1]. */
    private final int[] offsets;
    /** The pixels with which runs begin and before which they end, counted down the columns; ascending in each object. */
    private final int[] starts;

    private final int[] ends;

    private CocoRle(int pixels, int[] offsets) {
        this.pixels = pixels;
        this.offsets = offsets;
        starts = new int[offsets[offsets.length - 1]];
        ends = new int[starts.length];
    }

    /** Finds the runs of all objects. */
    static CocoRle of(ObjectMap objects) {
        int height = objects.height();
        int[] offsets = new int[objects.count() + 1];
        borders(objects, (above, below, y, from, to) -> {
            if (below != ObjectMap.NONE) {
                offsets[below + 1] = Math.addExact(offsets[below + 1], to - from);
            }
        });
        for (int object = 0; object < objects.count(); object++) {
            offsets[object + 1] = Math.addExact(offsets[object + 1], offsets[object]);
        }
        CocoRle rle = new CocoRle(Math.multiplyExact(objects.width(), height), offsets);
        int[] started = offsets.clone();
        int[] ended = offsets.clone();
        borders(objects, (above, below, y, from, to) -> {
            for (int x = from; x < to; x++) {
                if (below != ObjectMap.NONE) {
                    rle.starts[started[below]++] = x * height + y;
                }
                if (above != ObjectMap.NONE) {
                    rle.ends[ended[above]++] = x * height + y;
                }
            }
        });
        for (int object = 0; object < objects.count(); object++) {
            Arrays.sort(rle.starts, offsets[object], offsets[object + 1]);
            Arrays.sort(rle.ends, offsets[object], offsets[object + 1]);
        }
        return rle;
    }

    /** Called with each stretch of a border between two objects, one above the other. */
    @FunctionalInterface
    private interface Border {
        /** @param y the row of {@code below} */
        void at(int above, int below, int y, int from, int to);
    }

    private static void borders(ObjectMap objects, Border border) {
        int[] row = {1};
        for (int run = 0; run < objects.firstRun(1); run++) {
            border.at(ObjectMap.NONE, objects.objectOfRun(run), 0, objects.start(run), objects.end(run, 0));
        }
        objects.contacts((above, below, from, to) -> {
            while (below >= objects.firstRun(row[0] + 1)) {
                row[0]++;
            }
            if (objects.objectOfRun(above) != objects.objectOfRun(below)) {
                border.at(objects.objectOfRun(above), objects.objectOfRun(below), row[0], from, to);
            }
        });
        int last = objects.height() - 1;
        for (int run = objects.firstRun(last); run < objects.firstRun(last + 1); run++) {
            border.at(
                    objects.objectOfRun(run),
                    ObjectMap.NONE,
                    objects.height(),
                    objects.start(run),
                    objects.end(run, last));
        }
    }

    /** Returns the counts of an object's mask, compressed. */
    String counts(int object) {
        int begin = offsets[object];
        int end = offsets[object + 1];
        long[] counts = new long[2 * (end - begin) + 1];
        int count = 0;
        int at = 0;
        for (int run = begin; run < end; run++) {
            if (run > begin && starts[run] == ends[run - 1]) {
                // From the foot of a column on at the head of the next.
                counts[count - 1] += ends[run] - starts[run];
            } else {
                counts[count++] = starts[run] - at;
                counts[count++] = ends[run] - starts[run];
            }
            at = ends[run];
        }
        if (at < pixels) {
            counts[count++] = pixels - at;
        }
        return compressed(counts, count);
    }

    private static String compressed(long[] counts, int count) {
        byte[] characters = new byte[MAX_GROUPS * count];
        int length = 0;
        for (int i = 0; i < count; i++) {
            long rest = i > 2 ? counts[i] - counts[i - 2] : counts[i];
            boolean more;
            do {
                int group = (int) rest & GROUP;
                rest >>= GROUP_BITS;
                more = rest != ((group & SIGN) == 0 ? 0 : -1);
                characters[length++] = (byte) (FIRST_CHARACTER + group + (more ? MORE : 0));
            } while (more);
        }
        return new String(characters, 0, length, StandardCharsets.US_ASCII);
    }
}
