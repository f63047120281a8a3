package org.stegokernels.device.tornado;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.stegokernels.device.LatticeKeys;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.OwnOperations.LatticeTables;
import org.stegokernels.device.launch.Workspace;
import org.stegokernels.tensor.ElementType;
import org.stegokernels.tensor.Tensor;

/** The lattice as index tables in device memory; the kernels, {@code Lattice}, tell how it is built. */
final class PermutohedralLattice implements LatticeTables {
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
        context.write(ElementType.F32, start(scale.take(dims)), MemorySegment.ofArray(keys.scale()), dims);
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

    @Override
    public int corners() {
        return corners;
    }

    @Override
    public Memory cornerVertices() {
        return cornerVertices.memory();
    }

    @Override
    public Memory cornerWeights() {
        return cornerWeights.memory();
    }

    @Override
    public Memory starts() {
        return starts.memory();
    }

    @Override
    public Memory splatPoints() {
        return splatPoints.memory();
    }

    @Override
    public Memory splatWeights() {
        return splatWeights.memory();
    }

    @Override
    public Memory neighbours() {
        return neighbours.memory();
    }

    private static int start(Memory memory) {
        return ((Block) memory).start();
    }

    /** How many items take so many values. */
    private static int shares(int count) {
        return (count + SHARE - 1) / SHARE;
    }

    @Override
    public void build(Tensor positions) {
        fitKeys(positions);
        context.call(Kernel.EMBED)
                .with(positions)
                .with(points)
                .with(dims)
                .with(scale.memory())
                .with(steps.memory())
                .with(lowest.memory())
                .with(entryKeys.memory())
                .with(members.memory())
                .with(cornerWeights.memory())
                .overItems(points);
        Entries sorted = sort(new Entries(entryKeys.memory(), members.memory()));
        numberVertices(sorted);
        context.call(Kernel.LINK)
                .with(vertexKeys.memory())
                .with(vertices)
                .with(steps.memory())
                .with(neighbours.take(2L * corners * vertices))
                .overItems(vertices, corners);
        normalise(sorted.numbers());
    }

    /** The keys of entries, and their numbers. */
    private record Entries(Memory keys, Memory numbers) {}

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
                .with(boxes.memory())
                .overItems(used);
        float[] found = new float[2 * used * dims];
        context.read(ElementType.F32, start(boxes.memory()), MemorySegment.ofArray(found), found.length);
        keys.fitAll(found);
        writeKeys(keys.steps(), steps.memory());
        writeKeys(keys.lowest(), lowest.memory());
    }

    private void writeKeys(long[] values, Memory to) {
        int[] halves = new int[KEY * values.length];
        for (int i = 0; i < values.length; i++) {
            halves[KEY * i] = (int) values[i];
            halves[KEY * i + 1] = (int) (values[i] >>> Integer.SIZE);
        }
        context.write(ElementType.I32, start(to), MemorySegment.ofArray(halves), halves.length);
    }

    /** Sorts entries by their keys, to and fro between two places; returns where they are in the end. */
    private Entries sort(Entries unsorted) {
        int items = shares(entries);
        Entries from = unsorted;
        Entries to = new Entries(sortedKeys.memory(), sortedMembers.memory());
        for (int shift = 0; shift < keys.bits(); shift += DIGIT) {
            context.call(Kernel.COUNT_DIGITS)
                    .with(from.keys)
                    .with(entries)
                    .with(shift)
                    .with(items)
                    .with(counts.memory())
                    .overItems(items);
            scan(counts.memory(), items << DIGIT, counts.memory());
            context.call(Kernel.MOVE_BY_DIGIT)
                    .with(from.keys)
                    .with(from.numbers)
                    .with(entries)
                    .with(shift)
                    .with(items)
                    .with(counts.memory())
                    .with(to.keys)
                    .with(to.numbers)
                    .overItems(items);
            Entries swap = from;
            from = to;
            to = swap;
        }
        return from;
    }

    /** Computes exclusive prefix sums, and leaves the total after those of the items' shares. */
    private void scan(Memory values, int count, Memory ranks) {
        int items = shares(count);
        Memory partial = sums.take(items + 1L);
        context.call(Kernel.SCAN_ITEMS)
                .with(values)
                .with(count)
                .with(items)
                .with(partial)
                .overItems(items);
        context.call(Kernel.SCAN_SUMS).with(partial).with(items).inOneGroup();
        context.call(Kernel.SCAN_RANKS)
                .with(values)
                .with(count)
                .with(items)
                .with(partial)
                .with(ranks)
                .overItems(items);
    }

    private void numberVertices(Entries sorted) {
        Memory flags = counts.memory();
        context.call(Kernel.MARK_RUNS)
                .with(sorted.keys)
                .with(entries)
                .with(flags)
                .overItems(entries);
        scan(flags, entries, flags);
        vertices = context.readInt(sums.memory(), shares(entries));
        context.call(Kernel.NAME_VERTICES)
                .with(sorted.keys)
                .with(sorted.numbers)
                .with(flags)
                .with(entries)
                .with(vertices)
                .with(cornerVertices.memory())
                .with(starts.take(vertices + 1L))
                .with(vertexKeys.take((long) KEY * vertices))
                .overItems(entries);
    }

    /** Filters ones, and puts one over the root of the result into all weights. */
    private void normalise(Memory sortedEntries) {
        Memory from = ones.take(vertices + 1L);
        Memory to = blurred.take(vertices + 1L);
        context.call(Kernel.SPLAT_ONES)
                .with(starts.memory())
                .with(sortedEntries)
                .with(cornerWeights.memory())
                .with(vertices)
                .with(from)
                .overItems(vertices + 1L);
        for (int axis = 0; axis < corners; axis++) {
            context.call(Kernel.BLUR_ONES)
                    .with(from)
                    .with(neighbours.memory())
                    .with(axis)
                    .with(vertices)
                    .with(to)
                    .overItems(vertices + 1L);
            Memory swap = from;
            from = to;
            to = swap;
        }
        // What slicing multiplies by, so that the blur's weights count as a Gaussian's.
        float gain = (float) (1 / (1 + Math.pow(2, -dims)));
        context.call(Kernel.NORMS)
                .with(cornerVertices.memory())
                .with(cornerWeights.memory())
                .with(from)
                .with(points)
                .with(corners)
                .with(gain)
                .with(norm.memory())
                .overItems(points);
        context.call(Kernel.FOLD_SPLAT)
                .with(sortedEntries)
                .with(cornerWeights.memory())
                .with(norm.memory())
                .with(entries)
                .with(corners)
                .with(splatPoints.memory())
                .with(splatWeights.memory())
                .overItems(entries);
        context.call(Kernel.FOLD_SLICE)
                .with(norm.memory())
                .with(entries)
                .with(corners)
                .with(gain)
                .with(cornerWeights.memory())
                .overItems(entries);
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
