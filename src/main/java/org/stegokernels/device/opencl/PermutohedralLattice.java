package org.stegokernels.device.opencl;

import java.util.ArrayList;
import java.util.List;
import org.jocl.Pointer;
import org.jocl.cl_mem;
import org.stegokernels.device.Lattice;
import org.stegokernels.device.LatticeKeys;
import org.stegokernels.tensor.Tensor;

/** The lattice as index tables in device memory; {@code lattice.cl} tells how it is built. */
final class PermutohedralLattice implements Lattice {
    /** Items that look for the bounding box. */
    private static final int BOXES = 256;

    private static final int EMPTY = -1;

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
        this.scale = workspace();
        this.steps = workspace();
        this.lowest = workspace();
        this.boxes = workspace();
        this.entryKeys = workspace();
        this.table = workspace();
        this.slotOf = workspace();
        this.sums = workspace();
        this.members = workspace();
        this.vertexKeys = workspace();
        this.sizes = workspace();
        this.ones = workspace();
        this.blurred = workspace();
        this.norm = workspace();
        this.cornerVertices = workspace();
        this.cornerWeights = workspace();
        this.starts = workspace();
        this.splatPoints = workspace();
        this.splatWeights = workspace();
        this.neighbours = workspace();
        reserve();
    }

    private Workspace workspace() {
        Workspace workspace = new Workspace(context, "a lattice over " + points + " points in " + dims + "-d");
        all.add(workspace);
        return workspace;
    }

    /** What depends on the number of points alone. */
    private void reserve() {
        context.write(Pointer.to(keys.scale()), scale.floats(dims), (long) dims * Float.BYTES);
        steps.longs(corners);
        lowest.longs(dims);
        boxes.floats(2L * BOXES * dims);
        entryKeys.longs(entries);
        table.ints(slots);
        slotOf.ints(entries);
        members.ints(entries);
        norm.floats(points);
        cornerVertices.ints(entries);
        cornerWeights.floats(entries);
        splatPoints.ints(entries);
        splatWeights.floats(entries);
        sums.ints(blocks(entries) + 1L);
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

    cl_mem cornerVertices() {
        return cornerVertices.memory();
    }

    cl_mem cornerWeights() {
        return cornerWeights.memory();
    }

    cl_mem starts() {
        return starts.memory();
    }

    cl_mem splatPoints() {
        return splatPoints.memory();
    }

    cl_mem splatWeights() {
        return splatWeights.memory();
    }

    cl_mem neighbours() {
        return neighbours.memory();
    }

    private KernelCall call(String kernel) {
        return new KernelCall(context, "lattice", kernel, options);
    }

    private int blocks(int count) {
        return (count + items - 1) / items;
    }

    void build(Tensor positions) {
        fitKeys(positions);
        call("embed")
                .with(positions)
                .with(points)
                .with(scale.memory())
                .with(steps.memory())
                .with(lowest.memory())
                .with(entryKeys.memory())
                .with(cornerWeights.memory())
                .run(blocks(points));
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
                .run(used);
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
        context.fill(table.memory(), EMPTY, 0, slots);
        call("insert")
                .with(entryKeys.memory())
                .with(points)
                .with(slots - 1)
                .with(shift())
                .with(table.memory())
                .with(slotOf.memory())
                .run(blocks(points));
        cl_mem flags = members.memory();
        call("mark")
                .with(table.memory())
                .with(slotOf.memory())
                .with(entries)
                .with(flags)
                .run(blocks(entries));
        vertices = scan(flags, entries, flags);
        vertexKeys.longs(vertices);
        call("name")
                .with(flags)
                .with(slotOf.memory())
                .with(entryKeys.memory())
                .with(entries)
                .with(vertices)
                .with(table.memory())
                .with(vertexKeys.memory())
                .run(blocks(entries));
    }

    /** Exclusive prefix sums, and the total, for which it waits. */
    private int scan(cl_mem values, int count, cl_mem ranks) {
        int used = blocks(count);
        cl_mem partial = sums.ints(used + 1L);
        call("scan_items").with(values).with(count).with(partial).run(used);
        call("scan_sums").with(partial).with(used).run(1);
        call("scan_ranks").with(values).with(count).with(partial).with(ranks).run(used);
        int[] total = new int[1];
        context.read(partial, (long) used * Integer.BYTES, Integer.BYTES, Pointer.to(total));
        return total[0];
    }

    private void gatherEntries() {
        cl_mem counts = sizes.ints(vertices + 1L);
        context.fill(counts, 0, 0, vertices + 1L);
        call("assign")
                .with(table.memory())
                .with(slotOf.memory())
                .with(entries)
                .with(cornerVertices.memory())
                .with(counts)
                .run(blocks(entries));
        scan(counts, vertices + 1, starts.ints(vertices + 1L));
        call("fill")
                .with(cornerVertices.memory())
                .with(entries)
                .with(starts.memory())
                .with(counts)
                .with(members.memory())
                .run(blocks(entries));
        call("order")
                .with(starts.memory())
                .with(vertices)
                .with(members.memory())
                .run(blocks(vertices));
    }

    private void linkNeighbours() {
        long count = 2L * corners * vertices;
        context.fill(neighbours.ints(count), vertices, 0, count);
        call("link")
                .with(vertexKeys.memory())
                .with(vertices)
                .with(table.memory())
                .with(slots - 1)
                .with(shift())
                .with(steps.memory())
                .with(neighbours.memory())
                .run(blocks(vertices), corners);
    }

    /** Filters ones, and puts one over the root of the result into all weights. */
    private void normalise() {
        cl_mem from = ones.floats(vertices + 1L);
        cl_mem to = blurred.floats(vertices + 1L);
        call("splat_ones")
                .with(starts.memory())
                .with(members.memory())
                .with(cornerWeights.memory())
                .with(vertices)
                .with(from)
                .run(blocks(vertices + 1));
        for (int axis = 0; axis < corners; axis++) {
            call("blur_ones")
                    .with(from)
                    .with(neighbours.memory())
                    .with(axis)
                    .with(vertices)
                    .with(to)
                    .run(blocks(vertices + 1));
            cl_mem swap = from;
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
                .run(blocks(points));
        call("fold_splat")
                .with(members.memory())
                .with(cornerWeights.memory())
                .with(norm.memory())
                .with(entries)
                .with(splatPoints.memory())
                .with(splatWeights.memory())
                .run(blocks(entries));
        call("fold_slice")
                .with(norm.memory())
                .with(points)
                .with(gain)
                .with(cornerWeights.memory())
                .run(blocks(points));
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
