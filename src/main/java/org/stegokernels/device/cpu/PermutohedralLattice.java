package org.stegokernels.device.cpu;

import java.util.Arrays;
import java.util.List;
import org.stegokernels.device.Kernels.Lattice;

/**
 * The lattice as index tables (Adams, Baek and Davis 2010): for each point the corners of its simplex, for each vertex
 * the points that splat into it, and for each axis the neighbours of each vertex. Vertices are numbered by the first
 * point that touches them, so the result does not depend on how many threads built it.
 *
 * <p>The symmetric normalisation of Kraehenbuehl and Koltun is part of the weights: splatting multiplies by a point's
 * norm, slicing by the norm and by the lattice's gain.
 */
final class PermutohedralLattice implements Lattice {
    /** Points or vertices that one step of a parallel loop takes. */
    private static final int BLOCK = 1024;

    private static final double EPSILON = 1e-20;

    private final CpuDevice device;
    private final Parallel parallel;
    private final int points;
    private final int dims;
    private final int corners;
    private final LatticeGeometry geometry;
    private final VertexTable[] tables;
    private final long[][] keys;
    private final int[][] numbers;
    private final int[][] counts;
    private final float[] boxes;

    private int vertices;
    /** The corners of point p from {@code cornerStarts[p] = p * corners} on. */
    private final int[] cornerStarts;

    private final int[] cornerVertices;
    private final float[] cornerWeights;
    /** Corners by vertex: those of vertex v from {@code starts[v]} to {@code starts[v + 1] - 1}. */
    private int[] starts = new int[0];

    private final int[] splatPoints;
    private final float[] splatWeights;
    private final LatticeNeighbors neighbors;
    private List<BlurPass> passes;
    private float[] ones = new float[0];
    private float[] blurredOnes = new float[0];
    private final float[] norm;
    private LatticeTiles tiles;
    private boolean cut;
    private SparseFilter sparse;
    private SparseRows composed;
    private long accounted;
    private boolean closed;

    PermutohedralLattice(CpuDevice device, Parallel parallel, int points, int dims) {
        this.device = device;
        this.parallel = parallel;
        this.points = points;
        this.dims = dims;
        this.corners = dims + 1;
        this.geometry = new LatticeGeometry(dims);
        int parts = parallel.threads();
        this.tables = new VertexTable[parts];
        this.keys = new long[parts][BLOCK * corners];
        this.numbers = new int[parts][0];
        this.counts = new int[parts][0];
        this.boxes = new float[parts * 2 * dims];
        this.neighbors = new LatticeNeighbors(corners);
        this.cornerStarts = new int[points + 1];
        Arrays.setAll(cornerStarts, point -> point * corners);
        this.cornerVertices = new int[points * corners];
        this.cornerWeights = new float[points * corners];
        this.splatPoints = new int[points * corners];
        this.splatWeights = new float[points * corners];
        this.norm = new float[points];
        for (int part = 0; part < parts; part++) {
            tables[part] = new VertexTable();
        }
        account();
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

    /** Returns the corners of each point's simplex, the norm and the gain included. */
    SparseRows slice() {
        return new SparseRows(cornerStarts, cornerVertices, cornerWeights);
    }

    /** Returns the points that splat into each vertex, their norms included. */
    SparseRows splat() {
        return new SparseRows(starts, splatPoints, splatWeights);
    }

    /**
     * Returns splat, blur and slice in one, for each point the points that it takes from; null if the lattice is
     * better.
     */
    SparseRows composed() {
        return composed;
    }

    LatticeNeighbors neighbors() {
        return neighbors;
    }

    /**
     * Returns the blur, part after part, planned at the first call after a build: a lattice in tiles or composed has no
     * use for it.
     */
    List<BlurPass> passes() {
        if (passes == null) {
            passes = BlurPass.plan(neighbors, corners, vertices, parallel);
            account();
        }
        return passes;
    }

    /** Returns the tiles, cut at the first call after a build; null if the lattice is better left whole. */
    LatticeTiles tiles() {
        if (!cut) {
            tiles = LatticeTiles.of(this, parallel);
            cut = true;
            account();
        }
        return tiles;
    }

    /** Vertices that there is memory for: at least {@link #vertices()}, with room for an image of more detail. */
    int capacity() {
        return starts.length - 1;
    }

    void build(float[] positions) {
        parallel.forEach(tables.length, (part, worker) -> measure(positions, part));
        geometry.fit(boxes);
        parallel.forEach(tables.length, (part, worker) -> embed(positions, part));
        mergeTables();
        reserve();
        parallel.forEach(tables.length, (part, worker) -> count(part));
        startEntries();
        parallel.forEach(tables.length, (part, worker) -> sortEntries(part));
        neighbors.find(tables[0], geometry, parallel);
        normalise();
        compose();
        passes = null;
        tiles = null;
        cut = false;
        account();
    }

    private void compose() {
        composed = null;
        if (SparseFilter.suits(this)) {
            sparse = sparse == null ? new SparseFilter(this, parallel) : sparse;
            composed = sparse.compose();
        }
    }

    private int firstPoint(int part) {
        return (int) ((long) points * part / tables.length);
    }

    private void measure(float[] positions, int part) {
        // A box of its own: shares that write to one cache line hold each other up.
        float[] box = new float[2 * dims];
        Arrays.fill(box, 0, dims, Float.POSITIVE_INFINITY);
        Arrays.fill(box, dims, 2 * dims, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (int at = firstPoint(part) * dims; at < firstPoint(part + 1) * dims; at++) {
            box[i] = Math.min(box[i], positions[at]);
            box[dims + i] = Math.max(box[dims + i], positions[at]);
            i = i + 1 == dims ? 0 : i + 1;
        }
        System.arraycopy(box, 0, boxes, part * box.length, box.length);
    }

    /** Numbers the corners of a share of the points, by a table of its own. */
    private void embed(float[] positions, int part) {
        VertexTable table = tables[part];
        table.clear();
        long[] key = keys[part];
        for (int from = firstPoint(part); from < firstPoint(part + 1); from += BLOCK) {
            int to = Math.min(from + BLOCK, firstPoint(part + 1));
            geometry.embed(positions, from, to, key, cornerWeights);
            int first = from * corners;
            int entries = (to - from) * corners;
            for (int e = 0; e < entries; e++) {
                boolean asBefore = e >= corners && key[e] == key[e - corners];
                cornerVertices[first + e] = asBefore ? cornerVertices[first + e - corners] : table.add(key[e]);
            }
        }
    }

    /** Joins the shares' tables, in their order, into the first: the numbers are those of a single pass. */
    private void mergeTables() {
        VertexTable all = tables[0];
        for (int part = 1; part < tables.length; part++) {
            VertexTable table = tables[part];
            numbers[part] = ensure(numbers[part], table.size());
            for (int i = 0; i < table.size(); i++) {
                numbers[part][i] = all.add(table.key(i));
            }
        }
        vertices = all.size();
    }

    private void reserve() {
        starts = ensure(starts, vertices + 1);
        ones = ensure(ones, vertices);
        blurredOnes = ensure(blurredOnes, vertices);
        for (int part = 0; part < tables.length; part++) {
            counts[part] = ensure(counts[part], vertices);
        }
    }

    private static int[] ensure(int[] array, int length) {
        return array.length >= length ? array : new int[length + length / 4];
    }

    private static float[] ensure(float[] array, int length) {
        return array.length >= length ? array : new float[length + length / 4];
    }

    private void count(int part) {
        int[] count = counts[part];
        int[] number = numbers[part];
        Arrays.fill(count, 0, vertices, 0);
        for (int e = firstPoint(part) * corners; e < firstPoint(part + 1) * corners; e++) {
            int vertex = part == 0 ? cornerVertices[e] : number[cornerVertices[e]];
            cornerVertices[e] = vertex;
            count[vertex]++;
        }
    }

    /** Turns the counts of each share into the place of its first entry. */
    private void startEntries() {
        int entry = 0;
        for (int v = 0; v < vertices; v++) {
            starts[v] = entry;
            for (int[] count : counts) {
                int size = count[v];
                count[v] = entry;
                entry += size;
            }
        }
        starts[vertices] = entry;
    }

    private void sortEntries(int part) {
        int[] place = counts[part];
        int e = firstPoint(part) * corners;
        for (int p = firstPoint(part); p < firstPoint(part + 1); p++) {
            for (int k = 0; k < corners; k++, e++) {
                int entry = place[cornerVertices[e]]++;
                splatPoints[entry] = p;
                splatWeights[entry] = cornerWeights[e];
            }
        }
    }

    /** Filters ones, and puts one over the root of the result into all weights. */
    private void normalise() {
        int blocks = (vertices + BLOCK - 1) / BLOCK;
        parallel.forEach(blocks, (block, worker) -> {
            for (int v = block * BLOCK; v < Math.min((block + 1) * BLOCK, vertices); v++) {
                float sum = 0;
                for (int e = starts[v]; e < starts[v + 1]; e++) {
                    sum += splatWeights[e];
                }
                ones[v] = sum;
            }
        });
        for (int axis = 0; axis < corners; axis++) {
            int[] before = neighbors.before(axis);
            int[] after = neighbors.after(axis);
            parallel.forEach(
                    blocks,
                    (block, worker) -> blurOnes(before, after, block * BLOCK, Math.min((block + 1) * BLOCK, vertices)));
            float[] swap = ones;
            ones = blurredOnes;
            blurredOnes = swap;
        }
        float gain = gain();
        parallel.forEach(tables.length, (part, worker) -> {
            int e = firstPoint(part) * corners;
            for (int p = firstPoint(part); p < firstPoint(part + 1); p++, e += corners) {
                float sum = 0;
                for (int k = 0; k < corners; k++) {
                    sum += cornerWeights[e + k] * ones[cornerVertices[e + k]];
                }
                float factor = (float) (1 / Math.sqrt(sum * gain + EPSILON));
                norm[p] = factor;
                for (int k = 0; k < corners; k++) {
                    cornerWeights[e + k] *= factor * gain;
                }
            }
        });
        parallel.forEach(blocks, (block, worker) -> {
            for (int e = starts[block * BLOCK]; e < starts[Math.min((block + 1) * BLOCK, vertices)]; e++) {
                splatWeights[e] *= norm[splatPoints[e]];
            }
        });
    }

    private void blurOnes(int[] before, int[] after, int first, int last) {
        for (int v = first; v < last; v++) {
            float back = before[v] == VertexTable.ABSENT ? 0 : ones[before[v]];
            float on = after[v] == VertexTable.ABSENT ? 0 : ones[after[v]];
            blurredOnes[v] = ones[v] + 0.5f * (back + on);
        }
    }

    /** Returns the factor of slicing, so that the blur's weights count as a Gaussian's: {@code 1 / (1 + 2^-d)}. */
    private float gain() {
        return (float) (1 / (1 + Math.pow(2, -dims)));
    }

    private void account() {
        long bytes = 0;
        for (int part = 0; part < tables.length; part++) {
            bytes += tables[part].bytes()
                    + (long) keys[part].length * Long.BYTES
                    + ((long) numbers[part].length + counts[part].length) * Integer.BYTES;
        }
        bytes += neighbors.bytes();
        if (passes != null) {
            for (BlurPass pass : passes) {
                bytes += pass.bytes();
            }
        }
        long words = (long) cornerVertices.length + cornerWeights.length + splatPoints.length + splatWeights.length;
        words += (long) cornerStarts.length + starts.length + 2L * ones.length + norm.length;
        bytes += words * Integer.BYTES;
        bytes += tiles == null ? 0 : tiles.bytes();
        bytes += sparse == null ? 0 : sparse.bytes();
        device.account(bytes - accounted);
        accounted = bytes;
    }

    @Override
    public Object owner() {
        if (closed) {
            throw new IllegalStateException("the lattice is closed");
        }
        return device;
    }

    @Override
    public void close() {
        synchronized (device) {
            device.account(-accounted);
            accounted = 0;
            closed = true;
        }
    }
}
