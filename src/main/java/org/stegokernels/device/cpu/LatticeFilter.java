package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.tensor.Tensor;

/**
 * Gaussian filter over a permutohedral lattice: splat, blur along each axis, slice. Rows are padded to whole vectors on
 * the way in.
 */
final class LatticeFilter {
    /** Points, vertices or entries of chains that one step of a parallel loop takes: at 32 channels half an L1 cache. */
    static final int BLOCK = 128;

    private final int lanesWidth;
    private final LatticeLanes lanes;
    private final Parallel parallel;
    private final Workspace workspace;
    private final RowBuffer points;
    private final RowBuffer values;

    LatticeFilter(CpuDevice device, Lanes lanes, Parallel parallel, Workspace workspace) {
        this.lanesWidth = lanes.width();
        this.lanes = lanes.lattice();
        this.parallel = parallel;
        this.workspace = workspace;
        this.points = new RowBuffer(device);
        this.values = new RowBuffer(device);
    }

    /** Channels with padding: the next multiple of a vector. */
    int width(int channels) {
        return (channels + lanesWidth - 1) / lanesWidth * lanesWidth;
    }

    /** Returns the number of rows of the values of so many vertices: with that of zeros and the workers' spare ones. */
    int rows(int vertices, int width) {
        return LatticeLanes.spare(vertices, parallel.threads() - 1, width) + 1;
    }

    void run(PermutohedralLattice lattice, Tensor x, Tensor out) {
        int channels = x.shape().dim(1);
        int width = width(channels);
        float[] from = CpuDevice.array(x);
        float[] to = CpuDevice.array(out);
        float[] padded = points.rows(lattice.points(), width);
        forEachBlock(
                lattice.points(), (first, last, worker) -> pad(from, channels, 0f, first, last, width, padded, first));
        SparseRows composed = lattice.composed();
        SparseRows rows = composed == null ? lattice.slice() : composed;
        float[] held = composed == null ? values.rows(rows(lattice.capacity(), width), width) : padded;
        if (composed == null) {
            splatAndBlur(lattice, padded, width, held);
        }
        float[][] sums = workspace.workers(LatticeLanes.LEAD + BLOCK * width);
        forEachBlock(lattice.points(), (first, last, worker) -> {
            float[] sum = sums[worker];
            Arrays.fill(sum, 0f);
            lanes.slice(held, rows, 1f, first, last, width, sum);
            for (int p = first; p < last; p++) {
                System.arraycopy(sum, LatticeLanes.LEAD + (p - first) * width, to, p * channels, channels);
            }
        });
    }

    /** Work on points {@code first} to {@code last - 1}. */
    @FunctionalInterface
    interface Block {
        void run(int first, int last, int worker);
    }

    /** Runs all steps on a block of points, or of vertices, before the next block. */
    void forEachBlock(int count, Block... steps) {
        parallel.forEach((count + BLOCK - 1) / BLOCK, (index, worker) -> {
            int first = index * BLOCK;
            run(steps, first, Math.min(first + BLOCK, count), worker);
        });
    }

    /**
     * Runs all steps on one block. Steps of so many kinds pass through this call that C2 does not inline them: several
     * vector loops in one compilation are more than it optimises, and it would leave vectors as objects.
     */
    static void run(Block[] steps, int first, int last, int worker) {
        for (Block step : steps) {
            step.run(first, last, worker);
        }
    }

    /**
     * Copies the rows {@code first} to {@code last - 1} of {@code channels} to rows of {@code width} from {@code firstRow} on, filled
     * up with {@code filling}.
     */
    static void pad(
            float[] x, int channels, float filling, int first, int last, int width, float[] rows, int firstRow) {
        for (int p = first; p < last; p++) {
            int row = LatticeLanes.LEAD + (firstRow + p - first) * width;
            System.arraycopy(x, p * channels, rows, row, channels);
            Arrays.fill(rows, row + channels, row + width, filling);
        }
    }

    /**
     * Computes the values of the lattice after all blurs.
     *
     * @param x a row for each point
     * @param values {@link #rows} rows
     */
    void splatAndBlur(PermutohedralLattice lattice, float[] x, int width, float[] values) {
        int vertices = lattice.vertices();
        SparseRows splat = lattice.splat();
        clearNeighborOfNone(values, vertices, width);
        forEachBlock(vertices, (first, last, worker) -> lanes.splat(x, splat, first, last, width, values));
        for (BlurPass pass : lattice.passes()) {
            parallel.forEach(pass.blocks(), (block, worker) -> {
                pass.prefetch(block, width, values);
                pass.blur(lanes, block, worker, width, values);
            });
        }
    }

    /** As above for a tile, on this thread. */
    void splatAndBlur(LatticeTiles.Tile tile, float[] x, int width, float[] values) {
        clearNeighborOfNone(values, tile.vertices(), width);
        lanes.splat(x, tile.splat(), 0, tile.vertices(), width, values);
        tile.pass().blur(lanes, 0, 0, width, values);
    }

    private static void clearNeighborOfNone(float[] values, int vertices, int width) {
        Arrays.fill(values, LatticeLanes.LEAD + vertices * width, LatticeLanes.LEAD + (vertices + 1) * width, 0f);
    }
}
