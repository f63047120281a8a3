package org.stegokernels.device.cpu;

import java.util.Arrays;

/**
 * The vertices of a lattice, those together that reach each other along some of the axes.
 *
 * @param order the vertices, component after component
 * @param starts index in {@code order} of the first vertex of each block of whole components, and the end
 */
record LatticeComponents(int[] order, int[] starts) {
    /**
     * Finds the components along the axes {@code first} to {@code last - 1}.
     *
     * @param fewest vertices of a block, but for the last one
     * @param most vertices that a component may have
     * @return null if one has more
     */
    static LatticeComponents find(LatticeNeighbors neighbors, int first, int last, int vertices, int fewest, int most) {
        Search search = new Search(vertices);
        int[] starts = new int[vertices / fewest + 2];
        int blocks = 0;
        for (int vertex = 0; vertex < vertices; vertex++) {
            if (!search.seen[vertex]) {
                int start = search.count;
                if (blocks == 0 || start - starts[blocks - 1] >= fewest) {
                    starts[blocks++] = start;
                }
                search.add(vertex);
                search.spread(neighbors, first, last, start, most);
                if (search.count - start > most) {
                    return null;
                }
            }
        }
        starts[blocks++] = vertices;
        return new LatticeComponents(search.order, Arrays.copyOf(starts, blocks));
    }

    /** Breadth first; the order is the queue. */
    private static final class Search {
        final int[] order;
        final boolean[] seen;
        int count;

        Search(int vertices) {
            order = new int[vertices];
            seen = new boolean[vertices];
        }

        void add(int vertex) {
            if (vertex != VertexTable.ABSENT && !seen[vertex]) {
                seen[vertex] = true;
                order[count++] = vertex;
            }
        }

        /** Adds all that can be reached from number {@code start} of the order, until they are too many. */
        void spread(LatticeNeighbors neighbors, int first, int last, int start, int most) {
            for (int i = start; i < count && count - start <= most; i++) {
                for (int axis = first; axis < last; axis++) {
                    add(neighbors.before(axis)[order[i]]);
                    add(neighbors.after(axis)[order[i]]);
                }
            }
        }
    }
}
