package org.stegokernels.device.opencl;

import org.jocl.Pointer;
import org.stegokernels.device.LatticeKeys;
import org.stegokernels.device.launch.LatticeTables;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations.Lattices;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code lattice.cl}, which tells how a lattice is built. */
final class PermutohedralLattice implements Lattices.Builder {
    /** Items that look for the bounding box. */
    private static final int BOXES = 256;

    private static final int EMPTY = -1;
    /** Words of a 64-bit key. */
    private static final int KEY = 2;

    private final OpenClContext context;
    private final LatticeTables tables;
    private final int points;
    private final int dims;
    private final int corners;
    private final int entries;
    /** A power of two, at least twice the entries: no search is long. */
    private final int slots;

    private final int items;
    private final String options;
    private final LatticeKeys keys;

    private final Workspace scale;
    private final Workspace steps;
    private final Workspace lowest;
    private final Workspace boxes;
    private final Workspace entryKeys;
    private final Workspace table;
    private final Workspace slotOf;
    private final Workspace sums;
    private final Workspace members;
    private final Workspace vertexKeys;
    private final Workspace sizes;

    PermutohedralLattice(OpenClContext context, LatticeTables tables) {
        this.context = context;
        this.tables = tables;
        this.points = tables.points();
        this.dims = tables.dims();
        this.corners = tables.corners();
        this.entries = tables.entries();
        this.slots = Math.max(1024, Integer.highestOneBit(Math.max(1, entries)) << 2);
        this.items = context.tuning().items();
        this.options = context.tuning().rowOptions() + " -DDIMS=" + dims + " -DITEMS=" + items;
        this.keys = new LatticeKeys(dims);
        this.scale = tables.floats();
        this.steps = tables.ints();
        this.lowest = tables.ints();
        this.boxes = tables.floats();
        this.entryKeys = tables.ints();
        this.table = tables.ints();
        this.slotOf = tables.ints();
        this.sums = tables.ints();
        this.members = tables.ints();
        this.vertexKeys = tables.ints();
        this.sizes = tables.ints();
        reserve();
    }

    /** Takes the memory that depends on the number of points alone. */
    private void reserve() {
        context.write(Pointer.to(keys.scale()), scale.take(dims), (long) dims * Float.BYTES);
        steps.take((long) KEY * corners);
        lowest.take((long) KEY * dims);
        boxes.take(2L * BOXES * dims);
        entryKeys.take((long) KEY * entries);
        table.take(slots);
        slotOf.take(entries);
        members.take(entries);
        sums.take(blocks(entries) + 1L);
    }

    private OpenClLaunch call(String kernel) {
        return new OpenClLaunch(context, "lattice", kernel, options);
    }

    private static double words(int each, int count) {
        return (double) each * count * Integer.BYTES;
    }

    private double positionBytes() {
        return words(dims, points);
    }

    private int blocks(int count) {
        return (count + items - 1) / items;
    }

    @Override
    public Memory build(Tensor positions) {
        fitKeys(positions);
        call("embed")
                .with(positions)
                .with(points)
                .with(scale.memory())
                .with(steps.memory())
                .with(lowest.memory())
                .with(entryKeys.memory())
                .with(tables.cornerWeights())
                .does(0, positionBytes() + words(KEY + 1, entries))
                .overItems(blocks(points));
        int vertices = numberVertices();
        tables.reserve(vertices);
        gatherEntries(vertices);
        linkNeighbours(vertices);
        return members.memory();
    }

    /** Finds the box of the positions, which waits for them, and chooses the keys for it. */
    private void fitKeys(Tensor positions) {
        int share = Math.max(1, (points + BOXES - 1) / BOXES);
        int used = (points + share - 1) / share;
        call("bounds")
                .with(positions)
                .with(points)
                .with(share)
                .with(boxes.memory())
                .does(0, positionBytes())
                .overItems(used);
        float[] found = new float[2 * used * dims];
        context.read(boxes.memory(), 0, (long) found.length * Float.BYTES, Pointer.to(found));
        keys.fitAll(found);
        context.write(Pointer.to(keys.steps()), steps.memory(), (long) corners * Long.BYTES);
        context.write(Pointer.to(keys.lowest()), lowest.memory(), (long) dims * Long.BYTES);
    }

    /** Returns the right shift that leaves of a 64-bit hash the bits of a slot. */
    private int shift() {
        return Long.numberOfLeadingZeros(slots) + 1;
    }

    /** Returns the number of vertices, for which it waits, and leaves each vertex's key. */
    private int numberVertices() {
        context.fill(table.memory(), slots, EMPTY);
        call("insert")
                .with(entryKeys.memory())
                .with(points)
                .with(slots - 1)
                .with(shift())
                .with(table.memory())
                .with(slotOf.memory())
                .does(0, words(KEY + 1, entries) + words(1, slots))
                .overItems(blocks(points));
        Memory flags = members.memory();
        call("mark")
                .with(table.memory())
                .with(slotOf.memory())
                .with(entries)
                .with(flags)
                .doesByRow(words(2, entries) + words(1, slots))
                .overItems(blocks(entries));
        Memory partial = scan(flags, entries, flags);
        int vertices = context.readInt(partial, blocks(entries));
        vertexKeys.take((long) KEY * vertices);
        call("name")
                .with(flags)
                .with(slotOf.memory())
                .with(entryKeys.memory())
                .with(entries)
                .with(vertices)
                .with(table.memory())
                .with(vertexKeys.memory())
                .does(0, words(2, entries) + words(2 * KEY, vertices) + words(1, vertices))
                .overItems(blocks(entries));
        return vertices;
    }

    /** Computes exclusive prefix sums, and returns memory whose number {@code blocks(count)} is the total. */
    private Memory scan(Memory values, int count, Memory ranks) {
        int used = blocks(count);
        Memory partial = sums.take(used + 1L);
        call("scan_items")
                .with(values)
                .with(count)
                .with(partial)
                .does(0, words(1, count))
                .overItems(used);
        call("scan_sums").with(partial).with(used).overItems(1);
        call("scan_ranks")
                .with(values)
                .with(count)
                .with(partial)
                .with(ranks)
                .does(0, words(2, count))
                .overItems(used);
        return partial;
    }

    private void gatherEntries(int vertices) {
        Memory counts = sizes.take(vertices + 1L);
        context.fill(counts, vertices + 1L, 0);
        call("assign")
                .with(table.memory())
                .with(slotOf.memory())
                .with(entries)
                .with(tables.cornerVertices())
                .with(counts)
                .does(0, words(2, entries) + words(1, slots) + words(2, vertices))
                .overItems(blocks(entries));
        scan(counts, vertices + 1, tables.starts());
        call("fill")
                .with(tables.cornerVertices())
                .with(entries)
                .with(tables.starts())
                .with(counts)
                .with(members.memory())
                .does(0, words(2, entries) + words(3, vertices))
                .overItems(blocks(entries));
        call("order")
                .with(tables.starts())
                .with(vertices)
                .with(members.memory())
                .does(0, words(2, entries) + words(1, vertices))
                .overItems(blocks(vertices));
    }

    private void linkNeighbours(int vertices) {
        long count = 2L * corners * vertices;
        context.fill(tables.neighbours(), count, vertices);
        call("link")
                .with(vertexKeys.memory())
                .with(vertices)
                .with(table.memory())
                .with(slots - 1)
                .with(shift())
                .with(steps.memory())
                .with(tables.neighbours())
                .does(0, words(KEY, vertices) + words(1, slots) + words(2 * corners, vertices))
                .overItems(blocks(vertices), corners);
    }
}
