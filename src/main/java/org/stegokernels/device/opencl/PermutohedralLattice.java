package org.stegokernels.device.opencl;

import java.util.ArrayList;
import java.util.List;
import org.jocl.Pointer;
import org.stegokernels.device.LatticeKeys;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.OwnOperations.LatticeTables;
import org.stegokernels.device.launch.Workspace;
import org.stegokernels.tensor.Tensor;

/** The lattice as index tables in device memory; {@code lattice.cl} tells how it is built. */
final class PermutohedralLattice implements LatticeTables {
    /** Items that look for the bounding box. */
    private static final int BOXES = 256;

    private static final int EMPTY = -1;
    /** Words of a 64-bit key. */
    private static final int KEY = 2;

    private final OpenClContext context;
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
    private final Workspace ones;
    private final Workspace blurred;
    private final Workspace norm;
    private final Workspace cornerVertices;
    private final Workspace cornerWeights;
    private final Workspace starts;
    private final Workspace splatPoints;
    private final Workspace splatWeights;
    private final Workspace neighbours;
    private final List<Workspace> all = new ArrayList<>();

    private int vertices;
    private boolean closed;

    PermutohedralLattice(OpenClContext context, int points, int dims) {
        this.context = context;
        this.points = points;
        this.dims = dims;
        this.corners = dims + 1;
        this.entries = Math.multiplyExact(points, corners);
        this.slots = Math.max(1024, Integer.highestOneBit(Math.max(1, entries)) << 2);
        this.items = context.tuning().items();
        this.options = context.tuning().rowOptions() + " -DDIMS=" + dims + " -DITEMS=" + items;
        this.keys = new LatticeKeys(dims);
        this.scale = floats();
        this.steps = ints();
        this.lowest = ints();
        this.boxes = floats();
        this.entryKeys = ints();
        this.table = ints();
        this.slotOf = ints();
        this.sums = ints();
        this.members = ints();
        this.vertexKeys = ints();
        this.sizes = ints();
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
        context.write(Pointer.to(keys.scale()), scale.take(dims), (long) dims * Float.BYTES);
        steps.take((long) KEY * corners);
        lowest.take((long) KEY * dims);
        boxes.take(2L * BOXES * dims);
        entryKeys.take((long) KEY * entries);
        table.take(slots);
        slotOf.take(entries);
        members.take(entries);
        norm.take(points);
        cornerVertices.take(entries);
        cornerWeights.take(entries);
        splatPoints.take(entries);
        splatWeights.take(entries);
        sums.take(blocks(entries) + 1L);
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

    private OpenClLaunch call(String kernel) {
        return new OpenClLaunch(context, "lattice", kernel, options);
    }

    private int blocks(int count) {
        return (count + items - 1) / items;
    }

    @Override
    public void build(Tensor positions) {
        fitKeys(positions);
        call("embed")
                .with(positions)
                .with(points)
                .with(scale.memory())
                .with(steps.memory())
                .with(lowest.memory())
                .with(entryKeys.memory())
                .with(cornerWeights.memory())
                .overItems(blocks(points));
        numberVertices();
        gatherEntries();
        linkNeighbours();
        normalise();
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
                .overItems(used);
        float[] found = new float[2 * used * dims];
        context.read(boxes.memory(), 0, (long) found.length * Float.BYTES, Pointer.to(found));
        keys.fitAll(found);
        context.write(Pointer.to(keys.steps()), steps.memory(), (long) corners * Long.BYTES);
        context.write(Pointer.to(keys.lowest()), lowest.memory(), (long) dims * Long.BYTES);
    }

    /** Right shift that leaves of a 64-bit hash the bits of a slot. */
    private int shift() {
        return Long.numberOfLeadingZeros(slots) + 1;
    }

    /** Leaves the number of vertices here, for which it waits, and each vertex's key. */
    private void numberVertices() {
        context.fill(table.memory(), slots, EMPTY);
        call("insert")
                .with(entryKeys.memory())
                .with(points)
                .with(slots - 1)
                .with(shift())
                .with(table.memory())
                .with(slotOf.memory())
                .overItems(blocks(points));
        Memory flags = members.memory();
        call("mark")
                .with(table.memory())
                .with(slotOf.memory())
                .with(entries)
                .with(flags)
                .overItems(blocks(entries));
        vertices = scan(flags, entries, flags);
        vertexKeys.take((long) KEY * vertices);
        call("name")
                .with(flags)
                .with(slotOf.memory())
                .with(entryKeys.memory())
                .with(entries)
                .with(vertices)
                .with(table.memory())
                .with(vertexKeys.memory())
                .overItems(blocks(entries));
    }

    /** Exclusive prefix sums, and the total, for which it waits. */
    private int scan(Memory values, int count, Memory ranks) {
        int used = blocks(count);
        Memory partial = sums.take(used + 1L);
        call("scan_items").with(values).with(count).with(partial).overItems(used);
        call("scan_sums").with(partial).with(used).overItems(1);
        call("scan_ranks").with(values).with(count).with(partial).with(ranks).overItems(used);
        int[] total = new int[1];
        context.read(partial, (long) used * Integer.BYTES, Integer.BYTES, Pointer.to(total));
        return total[0];
    }

    private void gatherEntries() {
        Memory counts = sizes.take(vertices + 1L);
        context.fill(counts, vertices + 1L, 0);
        call("assign")
                .with(table.memory())
                .with(slotOf.memory())
                .with(entries)
                .with(cornerVertices.memory())
                .with(counts)
                .overItems(blocks(entries));
        scan(counts, vertices + 1, starts.take(vertices + 1L));
        call("fill")
                .with(cornerVertices.memory())
                .with(entries)
                .with(starts.memory())
                .with(counts)
                .with(members.memory())
                .overItems(blocks(entries));
        call("order")
                .with(starts.memory())
                .with(vertices)
                .with(members.memory())
                .overItems(blocks(vertices));
    }

    private void linkNeighbours() {
        long count = 2L * corners * vertices;
        context.fill(neighbours.take(count), count, vertices);
        call("link")
                .with(vertexKeys.memory())
                .with(vertices)
                .with(table.memory())
                .with(slots - 1)
                .with(shift())
                .with(steps.memory())
                .with(neighbours.memory())
                .overItems(blocks(vertices), corners);
    }

    /** Filters ones, and puts one over the root of the result into all weights. */
    private void normalise() {
        Memory from = ones.take(vertices + 1L);
        Memory to = blurred.take(vertices + 1L);
        call("splat_ones")
                .with(starts.memory())
                .with(members.memory())
                .with(cornerWeights.memory())
                .with(vertices)
                .with(from)
                .overItems(blocks(vertices + 1));
        for (int axis = 0; axis < corners; axis++) {
            call("blur_ones")
                    .with(from)
                    .with(neighbours.memory())
                    .with(axis)
                    .with(vertices)
                    .with(to)
                    .overItems(blocks(vertices + 1));
            Memory swap = from;
            from = to;
            to = swap;
        }
        // What slicing multiplies by, so that the blur's weights count as a Gaussian's.
        float gain = (float) (1 / (1 + Math.pow(2, -dims)));
        call("norms")
                .with(cornerVertices.memory())
                .with(cornerWeights.memory())
                .with(from)
                .with(points)
                .with(gain)
                .with(norm.memory())
                .overItems(blocks(points));
        call("fold_splat")
                .with(members.memory())
                .with(cornerWeights.memory())
                .with(norm.memory())
                .with(entries)
                .with(splatPoints.memory())
                .with(splatWeights.memory())
                .overItems(blocks(entries));
        call("fold_slice")
                .with(norm.memory())
                .with(points)
                .with(gain)
                .with(cornerWeights.memory())
                .overItems(blocks(points));
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
