package org.stegokernels.export;

import java.util.Arrays;
import org.stegokernels.image.LabelMap;

/** Merges objects that are too small to matter into their surroundings. */
public final class Specks {
    private static final int NONE = ObjectMap.NONE;
    private static final int CLASSES = 256;
    private static final int FIRST_CAPACITY = 1 << 10;

    private final ObjectMap objects;
    private final int minArea;
    private final int[] areas;
    /** The object that each one was merged into (union-find), or itself. */
    private final int[] parents;

    private final int[] classes;

    /** The borders of each speck, as a linked list: the first and the last, then the other side, length and next of each. */
    private final int[] firstBorders;

    private final int[] lastBorders;
    private int[] neighbors = new int[FIRST_CAPACITY];
    private int[] lengths = new int[FIRST_CAPACITY];
    private int[] nextBorders = new int[FIRST_CAPACITY];
    private int borders;

    /** Lists of what has an area below the limit: the first of each area, then the next of each. */
    private final int[] firstOfArea;

    private final int[] nextOfArea;

    private final long[] borderOfClass = new long[CLASSES];

    private Specks(ObjectMap objects, int minArea) {
        this.objects = objects;
        this.minArea = minArea;
        areas = objects.areas();
        int count = areas.length;
        parents = new int[count];
        classes = new int[count];
        firstBorders = filled(count);
        lastBorders = filled(count);
        firstOfArea = filled(minArea);
        nextOfArea = filled(count);
        for (int object = 0; object < count; object++) {
            parents[object] = object;
            classes[object] = objects.classOf(object);
        }
    }

    /**
     * Gives every object of fewer than {@code minArea} pixels the class with which it shares the longest border, the
     * lower id of two alike. The smallest come first; what grows together counts as one object from then on, so that in
     * the end none is below the limit but where nothing with a class lies beside it. Ignored pixels stay ignored and take
     * no part. The same map always gives the same result.
     *
     * @param minArea in pixels; up to 1 changes nothing
     * @return a new map, or {@code map} itself if there are no specks in it
     */
    public static LabelMap merge(LabelMap map, int minArea) {
        if (minArea <= 1) {
            return map;
        }
        ObjectMap objects = ObjectMap.of(map);
        ObjectMap merged = merge(objects, minArea);
        return merged == objects ? map : merged.labels();
    }

    /**
     * As {@link #merge(LabelMap, int)}, for a map that need not be in memory as a whole.
     *
     * @return a new map, or {@code objects} itself if there are no specks in it
     */
    public static ObjectMap merge(ObjectMap objects, int minArea) {
        if (minArea <= 1) {
            return objects;
        }
        long pixels = (long) objects.width() * objects.height();
        Specks specks = new Specks(objects, (int) Math.min(minArea, Math.min(pixels + 1, Integer.MAX_VALUE)));
        return specks.collect() ? specks.merged() : objects;
    }

    private static int[] filled(int length) {
        int[] array = new int[length];
        Arrays.fill(array, NONE);
        return array;
    }

    /** Lists the specks and their borders; returns false if there are none. */
    private boolean collect() {
        boolean any = false;
        for (int object = areas.length - 1; object >= 0; object--) {
            if (areas[object] < minArea) {
                list(object, areas[object]);
                any = true;
            }
        }
        if (any) {
            for (int y = 0; y < objects.height(); y++) {
                for (int run = objects.firstRun(y) + 1; run < objects.firstRun(y + 1); run++) {
                    addBorder(objects.objectOfRun(run - 1), objects.objectOfRun(run), 1);
                }
            }
            objects.contacts((above, below, from, to) ->
                    addBorder(objects.objectOfRun(above), objects.objectOfRun(below), to - from));
        }
        return any;
    }

    private void list(int member, int area) {
        nextOfArea[member] = firstOfArea[area];
        firstOfArea[area] = member;
    }

    private void addBorder(int a, int b, int length) {
        if (a != b && a != NONE && b != NONE) {
            addSide(a, b, length);
            addSide(b, a, length);
        }
    }

    private void addSide(int object, int neighbor, int length) {
        if (areas[object] >= minArea) {
            return;
        }
        int last = lastBorders[object];
        if (last != NONE && neighbors[last] == neighbor) {
            lengths[last] += length;
            return;
        }
        if (borders == neighbors.length) {
            int capacity = borders + (borders >> 1);
            neighbors = Arrays.copyOf(neighbors, capacity);
            lengths = Arrays.copyOf(lengths, capacity);
            nextBorders = Arrays.copyOf(nextBorders, capacity);
        }
        neighbors[borders] = neighbor;
        lengths[borders] = length;
        nextBorders[borders] = NONE;
        if (last == NONE) {
            firstBorders[object] = borders;
        } else {
            nextBorders[last] = borders;
        }
        lastBorders[object] = borders++;
    }

    private ObjectMap merged() {
        for (int area = 1; area < minArea; area++) {
            int member = firstOfArea[area];
            while (member != NONE) {
                int next = nextOfArea[member];
                int speck = root(member);
                // An object that has grown since it was listed is listed again, by the member that grew.
                if (areas[speck] == area) {
                    int whole = mergeInto(speck, classAround(speck));
                    if (areas[whole] > area && areas[whole] < minArea) {
                        list(member, areas[whole]);
                    }
                }
                member = next;
            }
        }
        return objects.joined(this::root, root -> classes[root]);
    }

    /** Returns the class with the longest border to a speck, or {@link #NONE} if nothing is beside it. */
    private int classAround(int speck) {
        for (int border = firstBorders[speck]; border != NONE; border = nextBorders[border]) {
            int neighbor = root(neighbors[border]);
            if (neighbor != speck) {
                borderOfClass[classes[neighbor]] += lengths[border];
            }
        }
        int longest = NONE;
        for (int border = firstBorders[speck]; border != NONE; border = nextBorders[border]) {
            int neighbor = root(neighbors[border]);
            int id = classes[neighbor];
            if (neighbor != speck
                    && (longest == NONE
                            || borderOfClass[id] > borderOfClass[longest]
                            || borderOfClass[id] == borderOfClass[longest] && id < longest)) {
                longest = id;
            }
        }
        for (int border = firstBorders[speck]; border != NONE; border = nextBorders[border]) {
            borderOfClass[classes[root(neighbors[border])]] = 0;
        }
        return longest;
    }

    /** Makes one object of a speck and all objects of a class beside it, and returns it. */
    private int mergeInto(int speck, int classId) {
        if (classId == NONE) {
            return speck;
        }
        int whole = speck;
        for (int border = firstBorders[speck]; border != NONE; border = nextBorders[border]) {
            int neighbor = root(neighbors[border]);
            if (neighbor != whole && classes[neighbor] == classId) {
                whole = join(whole, neighbor);
            }
        }
        classes[whole] = classId;
        return whole;
    }

    private int join(int a, int b) {
        int larger = areas[a] >= areas[b] ? a : b;
        int smaller = larger == a ? b : a;
        parents[smaller] = larger;
        areas[larger] = Math.addExact(areas[larger], areas[smaller]);
        if (areas[larger] < minArea && firstBorders[smaller] != NONE) {
            if (firstBorders[larger] == NONE) {
                firstBorders[larger] = firstBorders[smaller];
            } else {
                nextBorders[lastBorders[larger]] = firstBorders[smaller];
            }
            lastBorders[larger] = lastBorders[smaller];
        }
        return larger;
    }

    private int root(int object) {
        int root = object;
        while (parents[root] != root) {
            parents[root] = parents[parents[root]];
            root = parents[root];
        }
        return root;
    }
}
