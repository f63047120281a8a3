package org.stegokernels.device.cpu;

import java.util.Arrays;

/**
 * Splat, blur and slice of a sparse lattice as one sparse matrix over the points. Where nearly each point has vertices
 * of its own, as in the colours of a noisy image, there are several times as many vertices as points and the blur has
 * little to do at most of them, but each row of them is read and written for every axis. The composed filter reads the
 * few points that reach each other, and nothing else.
 */
final class SparseFilter {
    /** Vertices for each corner of a point, from which on a lattice is worth trying. */
    private static final float FEWEST_VERTICES = 0.75f;
    /** Weights for each corner of a point: splat and slice alone have as many. */
    private static final int MOST_WEIGHTS = 2;
    /** Beyond this its tables are no arrays. */
    private static final long MOST_CORNERS = 1 << 29;
    /** Vertices that may reach a point. */
    private static final int MOST_VERTICES = 1024;
    /** Points that one step of a parallel loop composes. */
    private static final int BLOCK = 1024;

    private static final int FULL = -1;

    private final PermutohedralLattice lattice;
    private final Parallel parallel;
    private final int corners;
    private final int capacity;
    private final int[] starts;
    private final int[] columns;
    private final float[] weights;
    private final Composer[] composers;
    private volatile boolean overflown;

    SparseFilter(PermutohedralLattice lattice, Parallel parallel) {
        this.lattice = lattice;
        this.parallel = parallel;
        this.corners = lattice.dims() + 1;
        this.capacity = MOST_WEIGHTS * corners;
        this.starts = new int[lattice.points() + 1];
        this.columns = new int[lattice.points() * capacity];
        this.weights = new float[columns.length];
        this.composers = new Composer[parallel.threads()];
        Arrays.setAll(composers, worker -> new Composer());
    }

    /** Returns whether a lattice is so sparse that {@link #compose} should be asked. */
    static boolean suits(PermutohedralLattice lattice) {
        long corners = (long) lattice.points() * (lattice.dims() + 1);
        return lattice.vertices() >= FEWEST_VERTICES * corners && corners <= MOST_CORNERS;
    }

    /**
     * Returns the matrix of the lattice as it was built last, its norm and gain included; null if some points reach so
     * many others that the lattice is better. Valid until the next call.
     */
    SparseRows compose() {
        int points = lattice.points();
        int vertices = lattice.vertices();
        for (Composer composer : composers) {
            composer.reserve(vertices);
        }
        overflown = false;
        parallel.forEach((points + BLOCK - 1) / BLOCK, (block, worker) -> {
            if (!overflown) {
                int first = block * BLOCK;
                if (!composers[worker].compose(first, Math.min(first + BLOCK, points))) {
                    overflown = true;
                }
            }
        });
        if (overflown) {
            return null;
        }
        close(points);
        return new SparseRows(starts, columns, weights);
    }

    /** Moves the blocks' rows, each block of which begins at its full capacity, together. */
    private void close(int points) {
        int end = 0;
        for (int first = 0; first < points; first += BLOCK) {
            int last = Math.min(first + BLOCK, points);
            int from = first * capacity;
            int length = 0;
            for (int p = first; p < last; p++) {
                int size = starts[p];
                starts[p] = end + length;
                length += size;
            }
            System.arraycopy(columns, from, columns, end, length);
            System.arraycopy(weights, from, weights, end, length);
            end += length;
        }
        starts[points] = end;
    }

    long bytes() {
        long words = (long) starts.length + columns.length + weights.length;
        for (Composer composer : composers) {
            words += composer.words();
        }
        return words * Integer.BYTES;
    }

    /**
     * Follows the weight of one point at a time back from its corners, through the blur, to the points it comes from.
     */
    private final class Composer {
        /** The place of each vertex in the list, {@link VertexTable#ABSENT} if it is not there. */
        private int[] places = new int[0];
        /** The points in a row, in the same way. */
        private final int[] entries = new int[lattice.points()];

        private final int[] list = new int[MOST_VERTICES];
        private final float[] masses = new float[MOST_VERTICES];
        private final float[] halves = new float[MOST_VERTICES];
        private int count;

        Composer() {
            Arrays.fill(entries, VertexTable.ABSENT);
        }

        void reserve(int vertices) {
            if (places.length < vertices) {
                places = new int[vertices + vertices / 4];
                Arrays.fill(places, VertexTable.ABSENT);
            }
        }

        long words() {
            return (long) places.length + entries.length + 3L * list.length;
        }

        /**
         * Composes the rows of a block, and puts their sizes into {@code starts}; false if there is no room for them.
         */
        boolean compose(int first, int last) {
            int entry = first * capacity;
            int end = last * capacity;
            for (int p = first; p < last && entry != FULL; p++) {
                int next = blur(p) ? gather(entry, end) : FULL;
                for (int i = 0; i < count; i++) {
                    places[list[i]] = VertexTable.ABSENT;
                }
                starts[p] = next - entry;
                entry = next;
            }
            return entry != FULL;
        }

        /**
         * Finds the vertices that reach a point, with their weights, the last axis first; false if they are too many.
         */
        private boolean blur(int point) {
            SparseRows slice = lattice.slice();
            LatticeNeighbors neighbors = lattice.neighbors();
            count = 0;
            for (int e = slice.starts()[point]; e < slice.starts()[point + 1]; e++) {
                add(slice.columns()[e], slice.weights()[e]);
            }
            for (int axis = corners - 1; axis >= 0; axis--) {
                int[] before = neighbors.before(axis);
                int[] after = neighbors.after(axis);
                int inner = count;
                for (int i = 0; i < inner; i++) {
                    halves[i] = 0.5f * masses[i];
                }
                for (int i = 0; i < inner; i++) {
                    if (count > MOST_VERTICES - 2) {
                        return false;
                    }
                    int vertex = list[i];
                    add(before[vertex], halves[i]);
                    add(after[vertex], halves[i]);
                }
            }
            return true;
        }

        private void add(int vertex, float mass) {
            if (vertex == VertexTable.ABSENT) {
                return;
            }
            int place = places[vertex];
            if (place != VertexTable.ABSENT) {
                masses[place] += mass;
                return;
            }
            places[vertex] = count;
            list[count] = vertex;
            masses[count++] = mass;
        }

        /** Finds the points that splat into those vertices, as a row from {@code first} on; its end, or FULL. */
        private int gather(int first, int end) {
            SparseRows splat = lattice.splat();
            int entry = first;
            for (int i = 0; i < count; i++) {
                int vertex = list[i];
                for (int e = splat.starts()[vertex]; e < splat.starts()[vertex + 1]; e++) {
                    int point = splat.columns()[e];
                    float weight = masses[i] * splat.weights()[e];
                    int own = entries[point];
                    if (own != VertexTable.ABSENT) {
                        weights[own] += weight;
                    } else if (entry < end) {
                        entries[point] = entry;
                        columns[entry] = point;
                        weights[entry++] = weight;
                    } else {
                        forget(first, entry);
                        return FULL;
                    }
                }
            }
            forget(first, entry);
            return entry;
        }

        private void forget(int first, int end) {
            for (int e = first; e < end; e++) {
                entries[columns[e]] = VertexTable.ABSENT;
            }
        }
    }
}
