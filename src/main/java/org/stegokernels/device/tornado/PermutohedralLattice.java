package org.stegokernels.device.tornado;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.stegokernels.device.Lattice;
import org.stegokernels.device.LatticeKeys;
import org.stegokernels.tensor.ElementType;
import org.stegokernels.tensor.Tensor;

/** The lattice as index tables in device memory; the kernels, {@code Lattice}, tell how it is built. */
final class PermutohedralLattice implements Lattice {
    /** Items that look for the bounding box. */
    private static final int BOXES = 256;

    private static final int SHARE = org.stegokernels.tornado.Lattice.SHARE;
    private static final int DIGIT = org.stegokernels.tornado.Lattice.DIGIT;
    private static final int MOST_CORNERS = org.stegokernels.tornado.Lattice.MOST_CORNERS;
    /** Integers of a 64-bit key. */
    private static final int KEY = 2;

    private final TornadoContext context;
    private final int points;
    private final int dims;
    private final int corners;
    private final int entries;
    private final LatticeKeys keys;

    private final List<Workspace> all = new ArrayList<>();
    private final Workspace scale;
    private final Workspace steps;
    private final Workspace lowest;
    private final Workspace boxes;
    private final Workspace entryKeys;
    private final Workspace sortedKeys;
    private final Workspace members;
    private final Workspace sortedMembers;
    private final Workspace counts;
    private final Workspace sums;
    private final Workspace vertexKeys;
    private final Workspace ones;
    private final Workspace blurred;
    private final Workspace norm;
    private final Workspace cornerVertices;
    private final Workspace cornerWeights;
    private final Workspace starts;
    private final Workspace splatPoints;
    private final Workspace splatWeights;
    private final Workspace neighbours;

    private int vertices;
    private boolean closed;

    PermutohedralLattice(TornadoContext context, int points, int dims) {
        if (dims >= MOST_CORNERS) {
            throw new IllegalArgumentException("allocateLattice: " + dims + " dimensions, and device " + context.id()
                    + " has lattices of up to " + (MOST_CORNERS - 1));
        }
        this.context = context;
        this.points = points;
        this.dims = dims;
        this.corners = dims + 1;
        this.entries = Math.multiplyExact(points, corners);
        this.keys = new LatticeKeys(dims);
        this.scale = floats();
        this.steps = ints();
        this.lowest = ints();
        this.boxes = floats();
        this.entryKeys = ints();
        this.sortedKeys = ints();
        this.members = ints();
        this.sortedMembers = ints();
        this.counts = ints();
        this.sums = ints();
        this.vertexKeys = ints();
        this.ones = floats();
        this.blurred = floats();
        this.norm = floats();
        this.cornerVertices = ints();
        this.cornerWeights = floats();
        this.starts = ints();
        this.splatPoints = ints();
        this.splatWeights = floats();
        this.neighbours = ints();
        reserve();
    }

    private Workspace floats() {
        return remembered(Workspace.floats(context, what()));
    }

    private Workspace ints() {
        return remembered(Workspace.ints(context, what()));
    }

    private String what() {
        return "a lattice over " + points + " points in " + dims + "-d";
    }

    private Workspace remembered(Workspace workspace) {
        all.add(workspace);
        return workspace;
    }

    /** What depends on the number of points alone. */
    private void reserve() {
        context.write(ElementType.F32, scale.take(dims), MemorySegment.ofArray(keys.scale()), dims);
        steps.take((long) KEY * corners);
        lowest.take((long) KEY * dims);
        boxes.take(2L * BOXES * dims);
        entryKeys.take((long) KEY * entries);
        sortedKeys.take((long) KEY * entries);
        members.take(entries);
        sortedMembers.take(entries);
        counts.take(Math.max(entries, (long) shares(entries) << DIGIT));
        sums.take(shares(shares(entries) << DIGIT) + 1L);
        norm.take(points);
        cornerVertices.take(entries);
        cornerWeights.take(entries);
        splatPoints.take(entries);
        splatWeights.take(entries);
    }

    @Override
    public int points() {
        return points;
    }

    @Override
    public int dims() {
        return dims;
    }

    @Override
    public int vertices() {
        return vertices;
    }

    int corners() {
        return corners;
    }

    int cornerVertices() {
        return cornerVertices.start();
    }

    int cornerWeights() {
        return cornerWeights.start();
    }

    int starts() {
        return starts.start();
    }

    int splatPoints() {
        return splatPoints.start();
    }

    int splatWeights() {
        return splatWeights.start();
    }

    /** Those along an axis. */
    int neighbours(int axis) {
        return neighbours.start() + axis * 2 * vertices;
    }

    /** How many items take so many values. */
    private static int shares(int count) {
        return (count + SHARE - 1) / SHARE;
    }

    void build(Tensor positions) {
        fitKeys(positions);
        context.call(Kernel.EMBED)
                .with(positions)
                .with(points)
                .with(dims)
                .with(scale.start())
                .with(steps.start())
                .with(lowest.start())
                .with(entryKeys.start())
                .with(members.start())
                .with(cornerWeights.start())
                .items(points);
        Entries sorted = sort(new Entries(entryKeys.start(), members.start()));
        numberVertices(sorted);
        context.call(Kernel.LINK)
                .with(vertexKeys.start())
                .with(vertices)
                .with(steps.start())
                .with(neighbours.take(2L * corners * vertices))
                .items(vertices, corners);
        normalise(sorted.numbers());
    }

    /** Where the keys of entries start, and their numbers. */
    private record Entries(int keys, int numbers) {}

    /** Finds the box of the positions, and chooses the keys for it. */
    private void fitKeys(Tensor positions) {
        int share = Math.max(1, (points + BOXES - 1) / BOXES);
        int used = (points + share - 1) / share;
        context.call(Kernel.BOUNDS)
                .with(positions)
                .with(points)
                .with(dims)
                .with(share)
                .with(used)
                .with(boxes.start())
                .items(used);
        float[] found = new float[2 * used * dims];
        context.read(ElementType.F32, boxes.start(), MemorySegment.ofArray(found), found.length);
        keys.fitAll(found);
        writeKeys(keys.steps(), steps.start());
        writeKeys(keys.lowest(), lowest.start());
    }

    private void writeKeys(long[] values, int to) {
        int[] halves = new int[KEY * values.length];
        for (int i = 0; i < values.length; i++) {
            halves[KEY * i] = (int) values[i];
            halves[KEY * i + 1] = (int) (values[i] >>> Integer.SIZE);
        }
        context.write(ElementType.I32, to, MemorySegment.ofArray(halves), halves.length);
    }

    /** Sorts entries by their keys, to and fro between two places; returns where they are in the end. */
    private Entries sort(Entries unsorted) {
        int items = shares(entries);
        Entries from = unsorted;
        Entries to = new Entries(sortedKeys.start(), sortedMembers.start());
        for (int shift = 0; shift < keys.bits(); shift += DIGIT) {
            context.call(Kernel.COUNT_DIGITS)
                    .with(from.keys)
                    .with(entries)
                    .with(shift)
                    .with(items)
                    .with(counts.start())
                    .items(items);
            scan(counts.start(), items << DIGIT, counts.start());
            context.call(Kernel.MOVE_BY_DIGIT)
                    .with(from.keys)
                    .with(from.numbers)
                    .with(entries)
                    .with(shift)
                    .with(items)
                    .with(counts.start())
                    .with(to.keys)
                    .with(to.numbers)
                    .items(items);
            Entries swap = from;
            from = to;
            to = swap;
        }
        return from;
    }

    /** Exclusive prefix sums. Returns where the total is. */
    private int scan(int values, int count, int ranks) {
        int items = shares(count);
        int partial = sums.take(items + 1L);
        context.call(Kernel.SCAN_ITEMS)
                .with(values)
                .with(count)
                .with(items)
                .with(partial)
                .items(items);
        context.call(Kernel.SCAN_SUMS).with(partial).with(items).groups(1, 1);
        context.call(Kernel.SCAN_RANKS)
                .with(values)
                .with(count)
                .with(items)
                .with(partial)
                .with(ranks)
                .items(items);
        return partial + items;
    }

    private void numberVertices(Entries sorted) {
        int flags = counts.start();
        context.call(Kernel.MARK_RUNS)
                .with(sorted.keys)
                .with(entries)
                .with(flags)
                .items(entries);
        vertices = context.readInt(scan(flags, entries, flags));
        context.call(Kernel.NAME_VERTICES)
                .with(sorted.keys)
                .with(sorted.numbers)
                .with(flags)
                .with(entries)
                .with(vertices)
                .with(cornerVertices.start())
                .with(starts.take(vertices + 1L))
                .with(vertexKeys.take((long) KEY * vertices))
                .items(entries);
    }

    /** Filters ones, and puts one over the root of the result into all weights. */
    private void normalise(int sortedEntries) {
        int from = ones.take(vertices + 1L);
        int to = blurred.take(vertices + 1L);
        context.call(Kernel.SPLAT_ONES)
                .with(starts.start())
                .with(sortedEntries)
                .with(cornerWeights.start())
                .with(vertices)
                .with(from)
                .items(vertices + 1L);
        for (int axis = 0; axis < corners; axis++) {
            context.call(Kernel.BLUR_ONES)
                    .with(from)
                    .with(neighbours(axis))
                    .with(vertices)
                    .with(to)
                    .items(vertices + 1L);
            int swap = from;
            from = to;
            to = swap;
        }
        // What slicing multiplies by, so that the blur's weights count as a Gaussian's.
        float gain = (float) (1 / (1 + Math.pow(2, -dims)));
        context.call(Kernel.NORMS)
                .with(cornerVertices.start())
                .with(cornerWeights.start())
                .with(from)
                .with(points)
                .with(corners)
                .with(gain)
                .with(norm.start())
                .items(points);
        context.call(Kernel.FOLD_SPLAT)
                .with(sortedEntries)
                .with(cornerWeights.start())
                .with(norm.start())
                .with(entries)
                .with(corners)
                .with(splatPoints.start())
                .with(splatWeights.start())
                .items(entries);
        context.call(Kernel.FOLD_SLICE)
                .with(norm.start())
                .with(entries)
                .with(corners)
                .with(gain)
                .with(cornerWeights.start())
                .items(entries);
    }

    @Override
    public Object owner() {
        if (closed) {
            throw new IllegalStateException("the lattice is closed");
        }
        return context;
    }

    @Override
    public void close() {
        synchronized (context) {
            all.forEach(Workspace::close);
            closed = true;
        }
    }
}
