package org.stegokernels.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.stegokernels.image.LabelMap;

/**
 * The objects of a label map: its connected areas of one class. Pixels are connected by their sides, not by their
 * corners alone (4-connectivity, as GDAL and rasterio polygonize; scikit-image's {@code label} takes 8 unless told
 * otherwise). In a map that is divided among classes, corners would connect two classes across each other, and an
 * outline by corners alone is no polygon. Pixels that are {@link LabelMap#IGNORE} belong to none.
 *
 * <p>Objects are numbered from 0 in the order of their first pixels, row by row. What is kept are the runs of each row,
 * not pixels, so that the memory goes with the length of all outlines.
 */
public final class ObjectMap {
    /** Stands where there is no object. */
    public static final int NONE = -1;

    private final int width;
    private final int height;
    /** The first run of each row, and the number of runs at the end: [height + 1]. */
    private final int[] firstRuns;
    /** The column in which each run begins. It ends where the next one of its row begins; together they fill the row. */
    private final int[] starts;

    private final int[] objects;
    private final byte[] classes;
    /** The sum of the confidences of each object's pixels, or null. */
    private final double[] confidences;

    private ObjectMap(
            int width, int height, int[] firstRuns, int[] starts, int[] objects, byte[] classes, double[] confidences) {
        this.width = width;
        this.height = height;
        this.firstRuns = firstRuns;
        this.starts = starts;
        this.objects = objects;
        this.classes = classes;
        this.confidences = confidences;
    }

    /**
     * One object and its measures.
     *
     * @param object its number
     * @param classId 0 to 254
     * @param area in pixels
     * @param x the leftmost column of its box
     * @param y the uppermost row of its box
     * @param width of its box in pixels
     * @param height of its box in pixels
     * @param centroidX mean column of its pixels; pixel centres are whole numbers
     * @param centroidY mean row of its pixels
     * @param perimeter the length of its outline along the sides of pixels, with holes and the border of the picture
     * @param confidence mean over its pixels, 0 to 1, or NaN if not known
     */
    public record Measures(
            int object,
            int classId,
            int area,
            int x,
            int y,
            int width,
            int height,
            double centroidX,
            double centroidY,
            long perimeter,
            double confidence) {
        /** Returns the nearest number with so many decimals, since files need no more than it means. */
        static double rounded(double value, int decimals) {
            double scale = Math.pow(10, decimals);
            return Math.rint(value * scale) / scale;
        }
    }

    /** Called with each stretch along which two runs lie one above the other. */
    @FunctionalInterface
    interface Contact {
        /**
         * @param above a run
         * @param below a run of the next row
         * @param from the first column in which both are
         * @param to the column after the last
         */
        void at(int above, int below, int from, int to);
    }

    /** Finds the objects of a label map. */
    public static ObjectMap of(LabelMap map) {
        return of(map, null);
    }

    /**
     * Finds the objects of a label map.
     *
     * @param confidence of each pixel, 0 to 1, [height, width]; or null
     */
    public static ObjectMap of(LabelMap map, float[] confidence) {
        if (confidence != null && confidence.length != map.labels().length) {
            throw new IllegalArgumentException(
                    confidence.length + " confidences don't fit a picture of " + map.width() + "x" + map.height());
        }
        Builder builder = new Builder(map.width());
        for (int y = 0; y < map.height(); y++) {
            builder.add(map.labels(), confidence, y * map.width());
        }
        return builder.build();
    }

    /** Returns the width in pixels. */
    public int width() {
        return width;
    }

    /** Returns the height in pixels. */
    public int height() {
        return height;
    }

    /** Returns the number of objects. */
    public int count() {
        return classes.length;
    }

    /** Returns the class of an object, 0 to 254. */
    public int classOf(int object) {
        return classes[object] & 0xFF;
    }

    /** Returns the object of a pixel, or {@link #NONE}. */
    public int object(int x, int y) {
        if (x < 0 || x >= width || y < 0 || y >= height) {
            throw new IndexOutOfBoundsException("pixel (" + x + ", " + y + ") of " + width + "x" + height);
        }
        return objects[runAt(x, y)];
    }

    /** Returns a map in which all pixels of a class are one object, connected or not; numbered in the order of the ids. */
    ObjectMap byClass() {
        boolean[] present = new boolean[LabelMap.IGNORE + 1];
        for (byte each : classes) {
            present[each & 0xFF] = true;
        }
        int[] numbers = new int[present.length];
        byte[] ids = new byte[present.length];
        int count = 0;
        for (int id = 0; id < present.length; id++) {
            if (present[id]) {
                ids[count] = (byte) id;
                numbers[id] = count++;
            }
        }
        int[] merged = new int[objects.length];
        for (int run = 0; run < merged.length; run++) {
            merged[run] = objects[run] == NONE ? NONE : numbers[classOf(objects[run])];
        }
        return new ObjectMap(width, height, firstRuns, starts, merged, Arrays.copyOf(ids, count), null);
    }

    /** Returns the number of pixels of each object. */
    public int[] areas() {
        int[] areas = new int[count()];
        for (int y = 0; y < height; y++) {
            for (int run = firstRuns[y]; run < firstRuns[y + 1]; run++) {
                if (objects[run] != NONE) {
                    areas[objects[run]] += end(run, y) - starts[run];
                }
            }
        }
        return areas;
    }

    /** Measures all objects, and returns them in the order of their numbers. */
    public List<Measures> measure() {
        Sums sums = new Sums(count(), width);
        for (int y = 0; y < height; y++) {
            for (int run = firstRuns[y]; run < firstRuns[y + 1]; run++) {
                if (objects[run] != NONE) {
                    sums.add(objects[run], y, starts[run], end(run, y));
                }
            }
        }
        contacts((above, below, from, to) -> {
            if (objects[above] != NONE && objects[above] == objects[below]) {
                sums.perimeter[objects[above]] -= 2L * (to - from);
            }
        });
        List<Measures> measures = new ArrayList<>(count());
        for (int object = 0; object < count(); object++) {
            measures.add(
                    sums.measures(object, classOf(object), confidences == null ? Double.NaN : confidences[object]));
        }
        return measures;
    }

    /**
     * Returns the label map that the objects are of.
     *
     * @throws ArithmeticException if it has more pixels than an array can hold
     */
    public LabelMap labels() {
        byte[] labels = new byte[Math.multiplyExact(width, height)];
        for (int y = 0; y < height; y++) {
            row(y, labels, y * width);
        }
        return new LabelMap(width, height, labels);
    }

    /**
     * Copies the labels of a row.
     *
     * @param target from {@code offset} on: classes, or {@link LabelMap#IGNORE}
     */
    public void row(int y, byte[] target, int offset) {
        for (int run = firstRuns[y]; run < firstRuns[y + 1]; run++) {
            int label = objects[run] == NONE ? LabelMap.IGNORE : classOf(objects[run]);
            Arrays.fill(target, offset + starts[run], offset + end(run, y), (byte) label);
        }
    }

    /**
     * Returns the map in which some objects are one.
     *
     * @param rootOf one of each object's new whole, the same for all of them; they lie side by side
     * @param classOf the class of a whole, by that one
     */
    ObjectMap joined(IntUnaryOperator rootOf, IntUnaryOperator classOf) {
        int[] numbers = new int[count()];
        Arrays.fill(numbers, NONE);
        byte[] newClasses = new byte[count()];
        int[] newFirstRuns = new int[height + 1];
        int[] newStarts = new int[starts.length];
        int[] newObjects = new int[starts.length];
        int wholes = 0;
        int runs = 0;
        for (int y = 0; y < height; y++) {
            for (int run = firstRuns[y]; run < firstRuns[y + 1]; run++) {
                int whole = NONE;
                if (objects[run] != NONE) {
                    int root = rootOf.applyAsInt(objects[run]);
                    if (numbers[root] == NONE) {
                        newClasses[wholes] = (byte) classOf.applyAsInt(root);
                        numbers[root] = wholes++;
                    }
                    whole = numbers[root];
                }
                if (run == firstRuns[y] || newObjects[runs - 1] != whole) {
                    newStarts[runs] = starts[run];
                    newObjects[runs++] = whole;
                }
            }
            newFirstRuns[y + 1] = runs;
        }
        double[] sums = confidences == null ? null : new double[wholes];
        for (int object = 0; sums != null && object < count(); object++) {
            sums[numbers[rootOf.applyAsInt(object)]] += confidences[object];
        }
        return new ObjectMap(
                width,
                height,
                newFirstRuns,
                Arrays.copyOf(newStarts, runs),
                Arrays.copyOf(newObjects, runs),
                Arrays.copyOf(newClasses, wholes),
                sums);
    }

    /** Returns the run of a pixel. */
    int runAt(int x, int row) {
        int run = Arrays.binarySearch(starts, firstRuns[row], firstRuns[row + 1], x);
        return run >= 0 ? run : -run - 2;
    }

    /** Returns the first run of a row; that of {@code height} is the number of runs. */
    int firstRun(int row) {
        return firstRuns[row];
    }

    /** Returns the column in which a run begins. */
    int start(int run) {
        return starts[run];
    }

    /** Returns the column after the last of a run in a row. */
    int end(int run, int row) {
        return run + 1 < firstRuns[row + 1] ? starts[run + 1] : width;
    }

    /** Returns the object of a run, or {@link #NONE}. */
    int objectOfRun(int run) {
        return objects[run];
    }

    /** Visits all stretches along which runs touch those of the row above, row by row, from left to right. */
    void contacts(Contact contact) {
        for (int y = 1; y < height; y++) {
            int above = firstRuns[y - 1];
            int below = firstRuns[y];
            for (int x = 0; x < width; ) {
                int endAbove = end(above, y - 1);
                int endBelow = end(below, y);
                int end = Math.min(endAbove, endBelow);
                contact.at(above, below, x, end);
                above += endAbove == end ? 1 : 0;
                below += endBelow == end ? 1 : 0;
                x = end;
            }
        }
    }

    /** Takes a label map row by row, from top to bottom, so that it need not be in memory as a whole. */
    public static final class Builder {
        private static final int FIRST_CAPACITY = 1 << 10;

        private final int width;
        private int rows;
        private int runs;
        private int[] firstRuns = new int[FIRST_CAPACITY];
        private int[] starts = new int[FIRST_CAPACITY];
        /** The part of each run: parts grow into objects where they meet (union-find; the older part is the root). */
        private int[] parts = new int[FIRST_CAPACITY];

        private int partCount;
        private int[] parents = new int[FIRST_CAPACITY];
        private byte[] classes = new byte[FIRST_CAPACITY];
        private double[] confidences = new double[FIRST_CAPACITY];
        private boolean confident = true;

        /**
         * Begins with the first row.
         *
         * @param width of every row, at least 1
         */
        public Builder(int width) {
            if (width < 1) {
                throw new IllegalArgumentException("rows of " + width + " pixels");
            }
            this.width = width;
        }

        /**
         * Adds the next row.
         *
         * @param labels unsigned bytes, those of the row from {@code offset} on
         * @param confidence of the same pixels, 0 to 1, from {@code offset} on; or null if it isn't known
         */
        public void add(byte[] labels, float[] confidence, int offset) {
            confident &= confidence != null;
            firstRuns = grown(firstRuns, rows + 1);
            int above = rows == 0 ? 0 : firstRuns[rows - 1];
            int aboveEnd = runs;
            for (int x = 0; x < width; ) {
                byte label = labels[offset + x];
                int end = x + 1;
                while (end < width && labels[offset + end] == label) {
                    end++;
                }
                int part = NONE;
                while (above < aboveEnd && starts[above] < end) {
                    if (parts[above] != NONE && classes[parts[above]] == label) {
                        part = part == NONE ? root(parts[above]) : join(part, root(parts[above]));
                    }
                    if ((above + 1 < aboveEnd ? starts[above + 1] : width) > end) {
                        break;
                    }
                    above++;
                }
                if (part == NONE && label != (byte) LabelMap.IGNORE) {
                    part = newPart(label);
                }
                if (part != NONE && confidence != null) {
                    confidences[part] += sum(confidence, offset + x, offset + end);
                }
                starts = grown(starts, runs);
                parts = grown(parts, runs);
                starts[runs] = x;
                parts[runs++] = part;
                x = end;
            }
            firstRuns[++rows] = runs;
        }

        /**
         * Returns the objects of the rows.
         *
         * @throws IllegalStateException if there is no row
         */
        public ObjectMap build() {
            if (rows == 0) {
                throw new IllegalStateException("a picture without rows");
            }
            int[] numbers = new int[partCount];
            int count = 0;
            for (int part = 0; part < partCount; part++) {
                int root = root(part);
                if (root == part) {
                    classes[count] = classes[part];
                    confidences[count] = confidences[part];
                    numbers[part] = count++;
                } else {
                    numbers[part] = numbers[root];
                    confidences[numbers[root]] += confidences[part];
                }
            }
            for (int run = 0; run < runs; run++) {
                parts[run] = parts[run] == NONE ? NONE : numbers[parts[run]];
            }
            return new ObjectMap(
                    width,
                    rows,
                    Arrays.copyOf(firstRuns, rows + 1),
                    Arrays.copyOf(starts, runs),
                    Arrays.copyOf(parts, runs),
                    Arrays.copyOf(classes, count),
                    confident ? Arrays.copyOf(confidences, count) : null);
        }

        private static double sum(float[] values, int from, int to) {
            double sum = 0;
            for (int i = from; i < to; i++) {
                sum += values[i];
            }
            return sum;
        }

        private int newPart(byte label) {
            parents = grown(parents, partCount);
            if (partCount == classes.length) {
                classes = Arrays.copyOf(classes, parents.length);
                confidences = Arrays.copyOf(confidences, parents.length);
            }
            parents[partCount] = partCount;
            classes[partCount] = label;
            return partCount++;
        }

        private int root(int part) {
            int root = part;
            while (parents[root] != root) {
                parents[root] = parents[parents[root]];
                root = parents[root];
            }
            return root;
        }

        private int join(int a, int b) {
            int older = Math.min(a, b);
            parents[Math.max(a, b)] = older;
            return older;
        }

        private static int[] grown(int[] array, int index) {
            return index < array.length ? array : Arrays.copyOf(array, array.length + (array.length >> 1));
        }
    }

    /** Sums over the pixels of each object. */
    private static final class Sums {
        final int[] area;
        final int[] left;
        final int[] right;
        final int[] top;
        final int[] bottom;
        /** Sums of columns and rows, doubled, so that they stay whole. */
        final long[] columns;

        final long[] rows;
        final long[] perimeter;

        Sums(int count, int width) {
            area = new int[count];
            left = new int[count];
            right = new int[count];
            top = new int[count];
            bottom = new int[count];
            columns = new long[count];
            rows = new long[count];
            perimeter = new long[count];
            Arrays.fill(left, width);
            Arrays.fill(top, NONE);
        }

        void add(int object, int row, int from, int to) {
            int length = to - from;
            area[object] += length;
            left[object] = Math.min(left[object], from);
            right[object] = Math.max(right[object], to);
            if (top[object] == NONE) {
                top[object] = row;
            }
            bottom[object] = row + 1;
            columns[object] += (long) length * (from + to - 1);
            rows[object] += 2L * length * row;
            perimeter[object] += 2 + 2L * length;
        }

        Measures measures(int object, int classId, double confidence) {
            return new Measures(
                    object,
                    classId,
                    area[object],
                    left[object],
                    top[object],
                    right[object] - left[object],
                    bottom[object] - top[object],
                    columns[object] / (2.0 * area[object]),
                    rows[object] / (2.0 * area[object]),
                    perimeter[object],
                    confidence / area[object]);
        }
    }
}
