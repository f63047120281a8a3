package org.stegokernels.device.cpu;

import java.util.Arrays;

/**
 * The vertices of a lattice in the order of one axis: neighbour after neighbour, each chain ended by the number of
 * vertices. A blur along the axis then reads and writes each vertex once, in place. A vertex without neighbours is in no
 * chain: the blur leaves it as it is.
 *
 * @param entries vertices that have neighbours, with the ends of the chains between them
 * @param starts index of the first entry of each block of the {@link BlurPass}, and the end
 */
record LatticeChains(int[] entries, int[] starts) {
    /**
     * Follows the chains along an axis.
     *
     * @param before one step back from each vertex, {@link VertexTable#ABSENT} where there is none
     * @param after one step on from each vertex
     * @param order the vertices; a chain lies where its first one does
     * @param blocks index in {@code order} of the first vertex of each block, and the end; a block holds whole chains
     */
    static LatticeChains follow(int[] before, int[] after, int[] order, int[] blocks) {
        int end = order.length;
        int[] entries = new int[end + end / 2];
        int[] starts = new int[blocks.length];
        int entry = 0;
        for (int block = 0; block < blocks.length - 1; block++) {
            starts[block] = entry;
            for (int i = blocks[block]; i < blocks[block + 1]; i++) {
                int head = order[i];
                if (before[head] == VertexTable.ABSENT && after[head] != VertexTable.ABSENT) {
                    for (int vertex = head; vertex != VertexTable.ABSENT; vertex = after[vertex]) {
                        entries[entry++] = vertex;
                    }
                    entries[entry++] = end;
                }
            }
        }
        starts[blocks.length - 1] = entry;
        return new LatticeChains(Arrays.copyOf(entries, entry), starts);
    }

    long bytes() {
        return ((long) entries.length + starts.length) * Integer.BYTES;
    }
}
