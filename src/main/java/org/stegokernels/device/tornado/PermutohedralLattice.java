package org.stegokernels.device.tornado;

import java.lang.foreign.MemorySegment;
import org.stegokernels.device.LatticeKeys;
import org.stegokernels.device.launch.LatticeTables;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations.Lattices;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/** Launches of the kernels {@code Lattice}, which tell how a lattice is built. */
final class PermutohedralLattice implements Lattices.Builder {
    /** Items that look for the bounding box. */
    private static final int BOXES = 256;

    private static final int SHARE = org.stegokernels.tornado.Lattice.SHARE;
    private static final int DIGIT = org.stegokernels.tornado.Lattice.DIGIT;
    private static final int MOST_CORNERS = org.stegokernels.tornado.Lattice.MOST_CORNERS;
    /** Integers of a 64-bit key. */
    private static final int KEY = 2;

    private final TornadoContext context;
    private final LatticeTables tables;
    private final int points;
    private final int dims;
    private final int corners;
    private final int entries;
    private final LatticeKeys keys;

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

    PermutohedralLattice(TornadoContext context, LatticeTables tables) {
        int dims = tables.dims();
        if (dims >= MOST_CORNERS) {
            throw new IllegalArgumentException("allocateLattice: " + dims + " dimensions, and device " + context.id()
                    + " has lattices of up to " + (MOST_CORNERS - 1));
        }
        this.context = context;
        this.tables = tables;
        this.points = tables.points();
        this.dims = dims;
        this.corners = tables.corners();
        this.entries = tables.entries();
        this.keys = new LatticeKeys(dims);
        this.scale = tables.floats();
        this.steps = tables.ints();
        this.lowest = tables.ints();
        this.boxes = tables.floats();
        this.entryKeys = tables.ints();
        this.sortedKeys = tables.ints();
        this.members = tables.ints();
        this.sortedMembers = tables.ints();
        this.counts = tables.ints();
        this.sums = tables.ints();
        this.vertexKeys = tables.ints();
        reserve();
    }

    /** Takes the memory that depends on the number of points alone. */
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
    }

    private static int start(Memory memory) {
        return ((Block) memory).start();
    }

    /** Returns how many items take so many values. */
    private static int shares(int count) {
        return (count + SHARE - 1) / SHARE;
    }

    @Override
    public Memory build(Tensor positions) {
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
                .with(tables.cornerWeights())
                .overItems(points);
        Entries sorted = sort(new Entries(entryKeys.memory(), members.memory()));
        int vertices = numberVertices(sorted);
        context.call(Kernel.LINK)
                .with(vertexKeys.memory())
                .with(vertices)
                .with(steps.memory())
                .with(tables.neighbours())
                .overItems(vertices, corners);
        return sorted.numbers();
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

    /** Returns the number of vertices, for which it waits, and fills all tables but that of neighbours. */
    private int numberVertices(Entries sorted) {
        Memory flags = counts.memory();
        context.call(Kernel.MARK_RUNS)
                .with(sorted.keys)
                .with(entries)
                .with(flags)
                .overItems(entries);
        scan(flags, entries, flags);
        int vertices = context.readInt(sums.memory(), shares(entries));
        tables.reserve(vertices);
        context.call(Kernel.NAME_VERTICES)
                .with(sorted.keys)
                .with(sorted.numbers)
                .with(flags)
                .with(entries)
                .with(vertices)
                .with(tables.cornerVertices())
                .with(tables.starts())
                .with(vertexKeys.take((long) KEY * vertices))
                .overItems(entries);
        return vertices;
    }
}
