package org.stegokernels.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The permutohedral lattice over N positions in d dimensions (Adams, Baek and Davis 2010), as index tables: for each
 * point the d + 1 vertices of its simplex with their weights, for each vertex the points that splat into it, for each
 * axis the two neighbours of each vertex. {@link LatticeNorm} makes its normalisation part of the weights.
 *
 * <p>An entry is a corner of a point: {@code e = point * corners + corner}. A vertex is named by a 64-bit key, two
 * integers here, the lower half first, to which a step along an axis adds a constant. TornadoVM has no atomic
 * compare-and-swap, so there is no hash table: entries are sorted by key, in a way that keeps equal keys in order. Runs
 * of equal keys are the vertices, numbered by key; their entries rise, so that every run gives the same bits;
 * neighbours are found by binary search.
 *
 * <p>Steps of a build, in this order:
 *
 * <pre>
 *   bounds       -> host chooses the key's constants for the box
 *   embed        keys and weights of all entries
 *   countDigits, scan..., moveByDigit   once for each digit of the keys, the lowest first: a radix sort
 *   markRuns, scan...                                              -> host reads the number of vertices
 *   nameVertices     vertex of each entry, first entry and key of each vertex
 *   link             neighbours
 * </pre>
 *
 * <p>Launch, where nothing else is said: items of one dimension, {@link #GROUP} in a group, one for each of what is
 * counted.
 */
public final class Lattice {
    public static final int GROUP = 64;
    /** Most coordinates of a vertex, d + 1. */
    public static final int MOST_CORNERS = 16;
    /** Values that an item of a sort or scan takes, one after the other. */
    public static final int SHARE = 64;
    /** Bits of a digit. */
    public static final int DIGIT = 4;

    static final int DIGITS = 1 << DIGIT;
    /** Items of the one group that scans the sums. */
    public static final int SCAN_GROUP = 256;

    private Lattice() {}

    /** Reads a 64-bit integer whose lower half stands first. */
    private static long longAt(IntArray ints, int at) {
        return ((long) ints.get(at + 1) << 32) | (ints.get(at) & 0xffffffffL);
    }

    /**
     * Finds the least and greatest coordinate of each dimension among an item's {@code share} points; one that is not
     * finite is both.
     *
     * <p>positions {@code [N, dims]}, boxes {@code [items, 2, dims]}.
     */
    public static void bounds(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int positions = args.get(0);
        int points = args.get(1);
        int dims = args.get(2);
        int share = args.get(3);
        int items = args.get(4);
        int boxes = args.get(5);
        int item = context.globalIdx;
        if (item < items) {
            int last = TornadoMath.min(points, (item + 1) * share);
            for (int i = 0; i < dims; i++) {
                float low = -Rows.LOWEST;
                float high = Rows.LOWEST;
                int strange = -1;
                for (int p = item * share; p < last; p++) {
                    float x = floats.get(positions + p * dims + i);
                    // True for finite numbers. Of a comparison by order the compiler makes its opposite, true of NaN.
                    if (x - x == 0) {
                        low = TornadoMath.min(low, x);
                        high = TornadoMath.max(high, x);
                    } else {
                        strange = p;
                    }
                }
                if (strange >= 0) {
                    low = floats.get(positions + strange * dims + i);
                    high = low;
                }
                floats.set(boxes + item * 2 * dims + i, low);
                floats.set(boxes + (item * 2 + 1) * dims + i, high);
            }
        }
    }

    /**
     * Keys and barycentric weights of the corners of each point's simplex.
     *
     * <p>scale {@code [dims]}: what a coordinate is multiplied by; steps {@code [corners]} 64-bit: what a step along an
     * axis adds to a key; lowest {@code [dims]} 64-bit: the least coefficient, counted as 0; keys {@code [N, corners]}
     * 64-bit, weights {@code [N, corners]}, entries {@code [N, corners]}: their numbers.
     */
    public static void embed(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int positions = args.get(0);
        int points = args.get(1);
        int dims = args.get(2);
        int scale = args.get(3);
        int steps = args.get(4);
        int lowest = args.get(5);
        int keys = args.get(6);
        int entries = args.get(7);
        int weights = args.get(8);
        float[] fraction = new float[MOST_CORNERS];
        int[] cell = new int[MOST_CORNERS];
        int[] rank = new int[MOST_CORNERS];
        int[] axis = new int[MOST_CORNERS];
        int corners = dims + 1;
        float toCells = 1.0f / corners;
        int p = context.globalIdx;
        if (p < points) {
            // Onto the plane where the coordinates sum to zero.
            float sum = 0;
            for (int i = dims; i > 0; i--) {
                float x = floats.get(positions + p * dims + i - 1) * floats.get(scale + i - 1);
                fraction[i] = sum - i * x;
                sum = sum + x;
            }
            fraction[0] = sum;

            // The nearest point of the lattice's first kind, and the order of the rests.
            int excess = 0;
            for (int i = 0; i < corners; i++) {
                int nearest = (int) TornadoMath.floor(fraction[i] * toCells + 0.5f);
                cell[i] = nearest;
                fraction[i] = fraction[i] - nearest * corners;
                excess += nearest;
                rank[i] = 0;
            }
            for (int i = 0; i < dims; i++) {
                for (int j = i + 1; j < corners; j++) {
                    if (fraction[i] < fraction[j]) {
                        rank[i] = rank[i] + 1;
                    } else {
                        rank[j] = rank[j] + 1;
                    }
                }
            }
            for (int i = 0; i < corners; i++) {
                int moved = rank[i] + excess;
                if (moved < 0) {
                    moved += corners;
                    cell[i] = cell[i] + 1;
                    fraction[i] = fraction[i] - corners;
                } else if (moved > dims) {
                    moved -= corners;
                    cell[i] = cell[i] - 1;
                    fraction[i] = fraction[i] + corners;
                }
                rank[i] = moved;
            }

            // Goes from corner to corner along the axes, in the order of the rests.
            for (int i = 0; i < corners; i++) {
                axis[dims - rank[i]] = i;
            }
            long key = 0;
            for (int i = 0; i < dims; i++) {
                key += (cell[dims] - cell[i] - longAt(ints, lowest + 2 * i)) * longAt(ints, steps + 2 * i);
            }
            float before = fraction[axis[dims]] - corners;
            for (int k = 0; k < corners; k++) {
                float own = fraction[axis[k]];
                int e = p * corners + k;
                floats.set(weights + e, (own - before) * toCells);
                ints.set(keys + 2 * e, (int) key);
                ints.set(keys + 2 * e + 1, (int) (key >>> 32));
                ints.set(entries + e, e);
                key += longAt(ints, steps + 2 * axis[k]);
                before = own;
            }
        }
    }

    /**
     * Counts each digit in an item's SHARE keys.
     *
     * <p>keys {@code [count]} 64-bit; counts {@code [DIGITS, items]}: digit by digit, so that their prefix sums are
     * where an item's keys of a digit go.
     */
    public static void countDigits(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int keys = args.get(0);
        int count = args.get(1);
        int shift = args.get(2);
        int items = args.get(3);
        int counts = args.get(4);
        int[] own = new int[DIGITS];
        int item = context.globalIdx;
        if (item < items) {
            for (int digit = 0; digit < DIGITS; digit++) {
                own[digit] = 0;
            }
            int last = TornadoMath.min(count, (item + 1) * SHARE);
            for (int i = item * SHARE; i < last; i++) {
                int digit = (int) (longAt(ints, keys + 2 * i) >>> shift) & (DIGITS - 1);
                own[digit] = own[digit] + 1;
            }
            for (int digit = 0; digit < DIGITS; digit++) {
                ints.set(counts + digit * items + item, own[digit]);
            }
        }
    }

    /** Moves an item's keys, and the entries with them, to where starts, the prefix sums of the counts, tells. */
    public static void moveByDigit(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int keys = args.get(0);
        int entries = args.get(1);
        int count = args.get(2);
        int shift = args.get(3);
        int items = args.get(4);
        int starts = args.get(5);
        int keysOut = args.get(6);
        int entriesOut = args.get(7);
        int[] next = new int[DIGITS];
        int item = context.globalIdx;
        if (item < items) {
            for (int digit = 0; digit < DIGITS; digit++) {
                next[digit] = ints.get(starts + digit * items + item);
            }
            int last = TornadoMath.min(count, (item + 1) * SHARE);
            for (int i = item * SHARE; i < last; i++) {
                int digit = (int) (longAt(ints, keys + 2 * i) >>> shift) & (DIGITS - 1);
                int to = next[digit];
                next[digit] = to + 1;
                ints.set(keysOut + 2 * to, ints.get(keys + 2 * i));
                ints.set(keysOut + 2 * to + 1, ints.get(keys + 2 * i + 1));
                ints.set(entriesOut + to, ints.get(entries + i));
            }
        }
    }

    /**
     * Computes exclusive prefix sums of values {@code [count]}, in three kernels: each item sums its SHARE values; one
     * group sums
     * the sums, and puts the total after them; each item adds up again from what lies before it. ranks may be values.
     *
     * <p>sums {@code [items + 1]}.
     */
    public static void scanItems(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int values = args.get(0);
        int count = args.get(1);
        int items = args.get(2);
        int sums = args.get(3);
        int item = context.globalIdx;
        if (item < items) {
            int last = TornadoMath.min(count, (item + 1) * SHARE);
            int sum = 0;
            for (int i = item * SHARE; i < last; i++) {
                sum += ints.get(values + i);
            }
            ints.set(sums + item, sum);
        }
    }

    /** Launch: one work group of SCAN_GROUP items. */
    public static void scanSums(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int sums = args.get(0);
        int items = args.get(1);
        int[] parts = context.allocateIntLocalArray(SCAN_GROUP);
        int lane = context.localIdx;
        int share = (items + SCAN_GROUP - 1) / SCAN_GROUP;
        int first = lane * share;
        int last = TornadoMath.min(items, first + share);
        int part = 0;
        for (int i = first; i < last; i++) {
            part += ints.get(sums + i);
        }
        parts[lane] = part;
        context.localBarrier();
        int sum = 0;
        for (int other = 0; other < lane; other++) {
            sum += parts[other];
        }
        for (int i = first; i < last; i++) {
            int own = ints.get(sums + i);
            ints.set(sums + i, sum);
            sum += own;
        }
        if (lane == SCAN_GROUP - 1) {
            ints.set(sums + items, sum);
        }
    }

    public static void scanRanks(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int values = args.get(0);
        int count = args.get(1);
        int items = args.get(2);
        int sums = args.get(3);
        int ranks = args.get(4);
        int item = context.globalIdx;
        if (item < items) {
            int last = TornadoMath.min(count, (item + 1) * SHARE);
            int sum = ints.get(sums + item);
            for (int i = item * SHARE; i < last; i++) {
                int own = ints.get(values + i);
                ints.set(ranks + i, sum);
                sum += own;
            }
        }
    }

    /**
     * Sets {@code flags[i]} = 1 where a key differs from the one before it, else 0; keys {@code [count]} 64-bit,
     * sorted.
     */
    public static void markRuns(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int keys = args.get(0);
        int count = args.get(1);
        int flags = args.get(2);
        int i = context.globalIdx;
        if (i < count) {
            int first = 1;
            if (i > 0 && longAt(ints, keys + 2 * i) == longAt(ints, keys + 2 * i - 2)) {
                first = 0;
            }
            ints.set(flags + i, first);
        }
    }

    /**
     * Names the vertex of each entry, and of each vertex the first of its sorted entries and its key.
     *
     * <p>keys {@code [count]} 64-bit and entries {@code [count]}, sorted; ranks {@code [count]}: prefix sums of the
     * flags; cornerVertices {@code [count]} by entry, starts {@code [vertices + 1]}, vertexKeys {@code [vertices]}
     * 64-bit.
     */
    public static void nameVertices(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int keys = args.get(0);
        int entries = args.get(1);
        int ranks = args.get(2);
        int count = args.get(3);
        int vertices = args.get(4);
        int cornerVertices = args.get(5);
        int starts = args.get(6);
        int vertexKeys = args.get(7);
        int i = context.globalIdx;
        if (i < count) {
            // The rank counts the runs that began before.
            int vertex = ints.get(ranks + i) - 1;
            if (i == 0 || longAt(ints, keys + 2 * i) != longAt(ints, keys + 2 * i - 2)) {
                vertex++;
                ints.set(starts + vertex, i);
                ints.set(vertexKeys + 2 * vertex, ints.get(keys + 2 * i));
                ints.set(vertexKeys + 2 * vertex + 1, ints.get(keys + 2 * i + 1));
            }
            if (i == count - 1) {
                ints.set(starts + vertices, count);
            }
            ints.set(cornerVertices + ints.get(entries + i), vertex);
        }
    }

    /**
     * Finds {@code neighbours[axis, v]}: the vertices one step before and after v along an axis; {@code vertices} where
     * there is none.
     *
     * <p>vertexKeys {@code [vertices]} 64-bit, rising; steps as in {@link #embed}; neighbours {@code [corners,
     * vertices, 2]}.
     *
     * <p>Launch: one item a vertex; second dimension: axes.
     */
    public static void link(
            KernelContext context, IntArray args, FloatArray numbers, FloatArray floats, IntArray ints) {
        int vertexKeys = args.get(0);
        int vertices = args.get(1);
        int steps = args.get(2);
        int neighbours = args.get(3);
        int v = context.globalIdx;
        int axis = context.globalIdy;
        if (v < vertices) {
            long own = longAt(ints, vertexKeys + 2 * v);
            long step = longAt(ints, steps + 2 * axis);
            int at = neighbours + (axis * vertices + v) * 2;
            ints.set(at, find(ints, vertexKeys, vertices, own - step));
            ints.set(at + 1, find(ints, vertexKeys, vertices, own + step));
        }
    }

    /** Returns the number of a vertex, or that of all if there is none of this key. */
    private static int find(IntArray ints, int vertexKeys, int vertices, long key) {
        int low = 0;
        int high = vertices;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (longAt(ints, vertexKeys + 2 * middle) < key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        int found = vertices;
        if (low < vertices && longAt(ints, vertexKeys + 2 * low) == key) {
            found = low;
        }
        return found;
    }
}
