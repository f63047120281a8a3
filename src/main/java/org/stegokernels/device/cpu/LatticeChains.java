package org.stegokernels.device.cpu;

import java.util.Arrays;

/**
 * The vertices of a lattice in the order of one axis: neighbour after neighbour, each chain ended by the number of
 * vertices. A blur along the axis then reads and writes each vertex once, in place. A vertex without neighbours is in no
 * chain: the blur leaves it as it is.
 */
final class LatticeChains {
    private int[] entries = new int[0];
    private int[] starts = new int[1];
    private int blocks;

    /** Vertices that have neighbours, with the ends of the chains between them. */
    int[] entries() {
        return entries;
    }

    /** How many pieces there are for a parallel loop; a chain is never cut. */
    int blocks() {
        return blocks;
    }

    /** Index of the first entry of a block; that of block {@link #blocks()} is the end. */
    int start(int block) {
        return starts[block];
    }

    /**
     * Finds the chains of a lattice.
     *
     * @param step what a step along the axis adds to a key
     * @param links scratch, twice as long as there are vertices
     */
    void build(VertexTable table, long step, int[] links) {
        for (int v = 0; v < table.size(); v++) {
            links[v] = table.find(table.key(v) + step);
        }
        build(table.size(), links);
    }

    /**
     * Finds the chains.
     *
     * @param links for each vertex the next, or {@link VertexTable#ABSENT}; the second half is scratch
     */
    void build(int vertices, int[] links) {
        Arrays.fill(links, vertices, 2 * vertices, 0);
        int chains = vertices;
        for (int v = 0; v < vertices; v++) {
            if (links[v] != VertexTable.ABSENT) {
                links[vertices + links[v]] = 1;
                chains--;
            }
        }
        reserve(vertices + chains);
        blocks = 0;
        int entry = 0;
        for (int head = 0; head < vertices; head++) {
            if (links[vertices + head] == 0 && links[head] != VertexTable.ABSENT) {
                if (entry >= blocks * LatticeFilter.BLOCK) {
                    starts[blocks++] = entry;
                }
                for (int v = head; v != VertexTable.ABSENT; v = links[v]) {
                    entries[entry++] = v;
                }
                entries[entry++] = vertices;
            }
        }
        starts[blocks] = entry;
    }

    /** The neighbours along the axis, {@link VertexTable#ABSENT} where there is none, for as many vertices as there are. */
    void link(int vertices, int[] before, int[] after) {
        Arrays.fill(before, 0, vertices, VertexTable.ABSENT);
        Arrays.fill(after, 0, vertices, VertexTable.ABSENT);
        for (int i = 0; i < starts[blocks] - 1; i++) {
            int vertex = entries[i];
            int next = entries[i + 1];
            if (vertex != vertices && next != vertices) {
                after[vertex] = next;
                before[next] = vertex;
            }
        }
    }

    private void reserve(int length) {
        if (entries.length < length) {
            entries = new int[length + length / 4];
            starts = new int[entries.length / LatticeFilter.BLOCK + 2];
        }
    }

    long bytes() {
        return ((long) entries.length + starts.length) * Integer.BYTES;
    }
}
