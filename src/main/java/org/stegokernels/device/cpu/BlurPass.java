package org.stegokernels.device.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A part of the blur that goes through the values once, along several axes. What limits the blur is how often all
 * values go through memory, so passes count, not axes. Along two or three axes the vertices of a photograph reach few
 * others: the lattice falls into components of some hundreds. A block is a few of them, whose rows stay in a core's
 * cache while the pass goes along one axis after the other; the result is the same as that of whole axes.
 *
 * @param order the vertices, block after block
 * @param starts index in {@code order} of the first vertex of each block, and the end
 * @param chains for each axis of the pass, in the order of the axes
 */
record BlurPass(int[] order, int[] starts, LatticeChains[] chains) {
    /** A component may have this many: at 32 channels 2 MiB. */
    private static final int MOST_VERTICES = 1 << 14;
    /**
     * A component is a step of a parallel loop, whose threads would wait for one that is a larger part of their share.
     */
    private static final int PARTS_OF_SHARE = 4;

    /** Returns the passes along all axes. */
    static List<BlurPass> plan(LatticeNeighbors neighbors, int axes, int vertices, Parallel parallel) {
        int part = vertices / (PARTS_OF_SHARE * parallel.threads());
        int most = Math.min(MOST_VERTICES, Math.max(LatticeFilter.BLOCK, part));
        List<List<BlurPass>> halves = Arrays.asList(new ArrayList<>(), new ArrayList<>());
        // All axes together are too many for any photograph.
        parallel.forEach(2, (half, worker) -> {
            int first = half * axes / 2;
            int last = (half + 1) * axes / 2;
            plan(neighbors, first, last, vertices, most, halves.get(half));
        });
        halves.get(0).addAll(halves.get(1));
        return halves.get(0);
    }

    /** Plans one pass along all of the axes if their components are small enough, else one along each half of them. */
    private static void plan(
            LatticeNeighbors neighbors, int first, int last, int vertices, int most, List<BlurPass> passes) {
        int limit = last - first > 1 ? most : vertices;
        LatticeComponents components =
                LatticeComponents.find(neighbors, first, last, vertices, LatticeFilter.BLOCK, limit);
        if (components == null) {
            int middle = (first + last + 1) / 2;
            plan(neighbors, first, middle, vertices, most, passes);
            plan(neighbors, middle, last, vertices, most, passes);
        } else {
            passes.add(along(neighbors, first, last, components.order(), components.starts()));
        }
    }

    /**
     * Returns a pass along the axes {@code first} to {@code last - 1}.
     *
     * @param order the vertices; those that reach each other along the axes lie in one block
     * @param starts index in {@code order} of the first vertex of each block, and the end
     */
    static BlurPass along(LatticeNeighbors neighbors, int first, int last, int[] order, int[] starts) {
        LatticeChains[] chains = new LatticeChains[last - first];
        for (int axis = first; axis < last; axis++) {
            chains[axis - first] = LatticeChains.follow(neighbors.before(axis), neighbors.after(axis), order, starts);
        }
        return new BlurPass(order, starts, chains);
    }

    /** Returns the number of steps for a parallel loop. */
    int blocks() {
        return starts.length - 1;
    }

    /** Blurs the vertices of a block along the pass's axes. */
    void blur(LatticeLanes lanes, int block, int worker, int width, float[] values) {
        int spare = LatticeLanes.spare(order.length, worker, width);
        for (LatticeChains chain : chains) {
            int from = chain.starts()[block];
            int to = chain.starts()[block + 1];
            if (from < to) {
                lanes.blur(values, chain.entries(), from, to, order.length, spare, width);
            }
        }
    }

    /** Reads the rows of a block before they are needed. */
    void prefetch(int block, int width, float[] values) {
        Prefetch.rows(values, order, starts[block], starts[block + 1], width);
    }

    long bytes() {
        long bytes = ((long) order.length + starts.length) * Integer.BYTES;
        for (LatticeChains chain : chains) {
            bytes += chain.bytes();
        }
        return bytes;
    }
}
