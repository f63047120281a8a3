package org.stegokernels.device.cpu;

import java.util.Arrays;

/** The neighbours of each vertex of a lattice along each axis, {@link VertexTable#ABSENT} where there is none. */
final class LatticeNeighbors {
    private final int[][] before;
    private final int[][] after;

    LatticeNeighbors(int axes) {
        before = new int[axes][0];
        after = new int[axes][0];
    }

    /** Returns one step back from each vertex, for as many vertices as there are. */
    int[] before(int axis) {
        return before[axis];
    }

    /** Returns one step on from each vertex. */
    int[] after(int axis) {
        return after[axis];
    }

    /** Finds the neighbours of all vertices of a table. */
    void find(VertexTable table, LatticeGeometry geometry, Parallel parallel) {
        int vertices = table.size();
        if (before[0].length < vertices) {
            Arrays.setAll(before, axis -> new int[vertices + vertices / 4]);
            Arrays.setAll(after, axis -> new int[vertices + vertices / 4]);
        }
        parallel.forEach(before.length, (axis, worker) -> find(table, axis, geometry.step(axis)));
    }

    private void find(VertexTable table, int axis, long step) {
        Arrays.fill(before[axis], 0, table.size(), VertexTable.ABSENT);
        for (int vertex = 0; vertex < table.size(); vertex++) {
            int next = table.find(table.key(vertex) + step);
            after[axis][vertex] = next;
            if (next != VertexTable.ABSENT) {
                before[axis][next] = vertex;
            }
        }
    }

    /**
     * Returns the neighbours within a part of the lattice.
     *
     * @param vertices those of the part, the first {@code count} of the array
     * @param numbers what each vertex of the lattice is called there, {@link VertexTable#ABSENT} for the others
     */
    LatticeNeighbors among(int[] vertices, int count, int[] numbers) {
        LatticeNeighbors part = new LatticeNeighbors(before.length);
        for (int axis = 0; axis < before.length; axis++) {
            int[] back = new int[count];
            int[] on = new int[count];
            Arrays.fill(back, VertexTable.ABSENT);
            for (int v = 0; v < count; v++) {
                int next = after[axis][vertices[v]];
                on[v] = next == VertexTable.ABSENT ? next : numbers[next];
                if (on[v] != VertexTable.ABSENT) {
                    back[on[v]] = v;
                }
            }
            part.before[axis] = back;
            part.after[axis] = on;
        }
        return part;
    }

    long bytes() {
        return 2L * before.length * before[0].length * Integer.BYTES;
    }
}
