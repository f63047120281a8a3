package org.stegokernels.device.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.tensor.Tensor;

/**
 * Mean-field inference. An iteration filters the marginals over the lattices, then goes once over the points: slice,
 * weigh, add the logits, softmax, all while a block of points is in the cache. What limits it is memory, not
 * arithmetic; so a lattice that comes in tiles is filtered tile by tile within the second step, and its values never
 * leave a core's own cache; and one that is composed into a matrix is filtered there too. Channels are padded with logits
 * of minus infinity, whose marginals are zero.
 */
final class MeanField {
    private static final int BLOCK = LatticeFilter.BLOCK;

    private final CpuDevice device;
    private final LatticeLanes lanes;
    private final Parallel parallel;
    private final Workspace workspace;
    private final LatticeFilter filter;
    private final RowBuffer[] marginalRows;
    private final RowBuffer[] tileRows;
    private final List<RowBuffer> valueRows = new ArrayList<>();

    MeanField(CpuDevice device, Lanes lanes, Parallel parallel, Workspace workspace, LatticeFilter filter) {
        this.device = device;
        this.lanes = lanes.lattice();
        this.parallel = parallel;
        this.workspace = workspace;
        this.filter = filter;
        this.marginalRows = new RowBuffer[] {new RowBuffer(device), new RowBuffer(device)};
        this.tileRows = new RowBuffer[parallel.threads()];
        Arrays.setAll(tileRows, worker -> new RowBuffer(device));
    }

    /** A lattice that is filtered as a whole, its weight, and what it holds. */
    private record Whole(PermutohedralLattice lattice, float weight, float[] values) {}

    /** A lattice in tiles, its weight, and for each worker what a tile holds. */
    private record Tiled(PermutohedralLattice lattice, LatticeTiles tiles, float weight, float[][] values) {}

    /** A lattice that is composed into one matrix over the points, and its weight. */
    private record Composed(SparseRows rows, float weight) {}

    /**
     * The inputs of an iteration beside the marginals.
     *
     * @param channels of the logits, which lie dense
     * @param tiled may be null
     * @param sums for each worker a block of rows
     */
    private record Model(
            int points,
            int channels,
            int width,
            float[] logits,
            List<Whole> whole,
            List<Composed> composed,
            Tiled tiled,
            float[][] sums) {
        /** Returns whether the marginals of a point may be replaced while others are still to be computed. */
        boolean inPlace() {
            return tiled == null && composed.isEmpty();
        }
    }

    void run(Tensor logits, List<Lattice> lattices, float[] weights, int iterations, Tensor out) {
        int channels = logits.shape().dim(1);
        Model model = model(logits, lattices, weights);
        int width = model.width;
        float[] marginals = marginalRows[0].rows(model.points, width);
        float[] next = model.inPlace() ? marginals : marginalRows[1].rows(model.points, width);

        filter.forEachBlock(model.points, logits(model), softmax(model, marginals));
        for (int iteration = 0; iteration < iterations; iteration++) {
            for (Whole whole : model.whole) {
                filter.splatAndBlur(whole.lattice, marginals, width, whole.values);
            }
            update(model, marginals, next);
            float[] swap = marginals;
            marginals = next;
            next = swap;
        }
        float[] to = CpuDevice.array(out);
        float[] last = marginals;
        filter.forEachBlock(model.points, (begin, end, worker) -> {
            for (int p = begin; p < end; p++) {
                System.arraycopy(last, LatticeLanes.LEAD + p * width, to, p * channels, channels);
            }
        });
    }

    private Model model(Tensor logits, List<Lattice> lattices, float[] weights) {
        int points = logits.shape().dim(0);
        int width = filter.width(logits.shape().dim(1));
        List<Whole> whole = new ArrayList<>();
        List<Composed> composed = new ArrayList<>();
        Tiled tiled = null;
        for (int i = 0; i < weights.length; i++) {
            PermutohedralLattice lattice = (PermutohedralLattice) lattices.get(i);
            SparseRows rows = lattice.composed();
            LatticeTiles tiles = rows == null && tiled == null ? lattice.tiles() : null;
            if (rows != null) {
                composed.add(new Composed(rows, weights[i]));
            } else if (tiles != null) {
                tiled = new Tiled(lattice, tiles, weights[i], tileValues(tiles, width));
            } else {
                whole.add(new Whole(lattice, weights[i], values(whole.size(), lattice, width)));
            }
        }
        float[][] sums = workspace.workers(LatticeLanes.LEAD + BLOCK * width);
        return new Model(points, logits.shape().dim(1), width, CpuDevice.array(logits), whole, composed, tiled, sums);
    }

    private float[] values(int index, PermutohedralLattice lattice, int width) {
        if (index == valueRows.size()) {
            valueRows.add(new RowBuffer(device));
        }
        return valueRows.get(index).rows(filter.rows(lattice.capacity(), width), width);
    }

    private float[][] tileValues(LatticeTiles tiles, int width) {
        float[][] values = new float[tileRows.length][];
        Arrays.setAll(values, worker -> tileRows[worker].rows(filter.rows(tiles.mostVertices(), width), width));
        return values;
    }

    private void update(Model model, float[] marginals, float[] next) {
        LatticeFilter.Block[] steps = steps(model, marginals, next);
        Tiled tiled = model.tiled;
        if (tiled == null) {
            filter.forEachBlock(model.points, steps);
            return;
        }
        LatticeTiles.Tile[] tiles = tiled.tiles.tiles();
        parallel.forEach(tiles.length, (index, worker) -> {
            LatticeTiles.Tile tile = tiles[index];
            filter.splatAndBlur(tile, marginals, model.width, tiled.values[worker]);
            for (int begin = tile.first(); begin < tile.last(); begin += BLOCK) {
                LatticeFilter.run(steps, begin, Math.min(begin + BLOCK, tile.last()), worker);
            }
        });
    }

    /** Updates a block of points: the logits, a slice of each lattice and a softmax. */
    private LatticeFilter.Block[] steps(Model model, float[] marginals, float[] next) {
        List<LatticeFilter.Block> steps = new ArrayList<>();
        steps.add(logits(model));
        Tiled tiled = model.tiled;
        if (tiled != null) {
            steps.add(slice(model, tiled.tiles.slice(), worker -> tiled.values[worker], tiled.weight));
        }
        for (Whole whole : model.whole) {
            steps.add(slice(model, whole.lattice.slice(), worker -> whole.values, whole.weight));
        }
        for (Composed composed : model.composed) {
            steps.add(slice(model, composed.rows, worker -> marginals, composed.weight));
        }
        steps.add(softmax(model, next));
        return steps.toArray(LatticeFilter.Block[]::new);
    }

    private static LatticeFilter.Block logits(Model model) {
        return (begin, end, worker) -> LatticeFilter.pad(
                model.logits, model.channels, Float.NEGATIVE_INFINITY, begin, end, model.width, model.sums[worker], 0);
    }

    /** @param values for each worker what to slice */
    private LatticeFilter.Block slice(Model model, SparseRows rows, IntFunction<float[]> values, float weight) {
        return (begin, end, worker) ->
                lanes.slice(values.apply(worker), rows, weight, begin, end, model.width, model.sums[worker]);
    }

    private LatticeFilter.Block softmax(Model model, float[] out) {
        return (begin, end, worker) -> lanes.softmax(model.sums[worker], end - begin, model.width, out, begin);
    }
}
