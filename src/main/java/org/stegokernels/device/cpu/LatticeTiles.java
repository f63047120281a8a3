package org.stegokernels.device.cpu;

import java.util.Arrays;

/**
 * A lattice cut into tiles that stay in a core's caches. A tile is a run of points with every vertex whose value can
 * reach one of them through the blur; it is splatted, blurred and sliced by itself, and gives the same bits as the
 * whole lattice would. Vertices near a border belong to several tiles, so tiles pay where points that follow each other
 * are near each other and the blur reaches a few of them only: pixels in the kernel of positions.
 */
final class LatticeTiles {
    /** The most dimensions: with more, the borders are most of a tile. */
    private static final int MOST_DIMS = 3;

    private static final int FEWEST_POINTS = 2048;
    /** A tile may have this many vertices, ... */
    private static final int MOST_VERTICES = 1 << 15;
    /** ... and this many for each one that its own points touch. */
    private static final float MOST_OVERLAP = 1.25f;

    /**
     * A tile.
     *
     * @param first its first point
     * @param last the number after its last point
     * @param vertices how many it has, those of its border included
     * @param splat as in the lattice, for the vertices of the tile
     * @param pass the blur along all axes, in one block
     */
    record Tile(int first, int last, int vertices, SparseRows splat, BlurPass pass) {}

    private final Tile[] tiles;
    private final SparseRows slice;

    private LatticeTiles(Tile[] tiles, SparseRows slice) {
        this.tiles = tiles;
        this.slice = slice;
    }

    /** Returns the tiles of a lattice that has been built, or null if it is better left whole. */
    static LatticeTiles of(PermutohedralLattice lattice, Parallel parallel) {
        int points = lattice.points();
        if (lattice.dims() > MOST_DIMS || points < 2 * FEWEST_POINTS) {
            return null;
        }
        Cutter cutter = new Cutter(lattice);
        int size = cutter.tileSize();
        if (size == 0) {
            return null;
        }
        Tile[] tiles = new Tile[(points + size - 1) / size];
        parallel.forEach(tiles.length, (index, worker) -> {
            int first = index * size;
            tiles[index] = cutter.cut(first, Math.min(first + size, points));
        });
        SparseRows whole = lattice.slice();
        return new LatticeTiles(tiles, new SparseRows(whole.starts(), cutter.cornerVertices, whole.weights()));
    }

    Tile[] tiles() {
        return tiles;
    }

    /** As in the lattice, the vertices numbered within the tile of the point. */
    SparseRows slice() {
        return slice;
    }

    int mostVertices() {
        int most = 0;
        for (Tile tile : tiles) {
            most = Math.max(most, tile.vertices);
        }
        return most;
    }

    long bytes() {
        long bytes = (long) slice.columns().length * Integer.BYTES;
        for (Tile tile : tiles) {
            bytes += (tile.splat.starts().length + 2L * tile.splat.columns().length) * Integer.BYTES;
            bytes += tile.pass.bytes();
        }
        return bytes;
    }

    private static final class Cutter {
        final PermutohedralLattice lattice;
        final int corners;
        final int[] cornerVertices;
        final LatticeNeighbors neighbors;

        Cutter(PermutohedralLattice lattice) {
            this.lattice = lattice;
            this.corners = lattice.dims() + 1;
            this.cornerVertices = new int[lattice.points() * corners];
            this.neighbors = lattice.neighbors();
        }

        /** Points a tile, enough to make the border worth it, tried in the middle; 0 if there is no such size. */
        int tileSize() {
            int points = lattice.points();
            for (int size = FEWEST_POINTS; 2 * size <= points; size += size / 2) {
                int first = (points - size) / 2;
                Members members = new Members();
                members.addCorners(first, first + size);
                int own = members.count;
                members.addBorder();
                if (members.count > MOST_VERTICES) {
                    return 0;
                }
                if (members.count <= MOST_OVERLAP * own) {
                    return size;
                }
            }
            return 0;
        }

        Tile cut(int first, int last) {
            Members members = new Members();
            members.addCorners(first, last);
            members.addBorder();
            for (int e = first * corners; e < last * corners; e++) {
                cornerVertices[e] = members.numbers[lattice.slice().columns()[e]];
            }
            SparseRows whole = lattice.splat();
            int[] from = whole.starts();
            int[] starts = new int[members.count + 1];
            for (int v = 0; v < members.count; v++) {
                int vertex = members.vertices[v];
                starts[v + 1] = starts[v] + from[vertex + 1] - from[vertex];
            }
            int[] points = new int[starts[members.count]];
            float[] weights = new float[starts[members.count]];
            for (int v = 0; v < members.count; v++) {
                int entry = from[members.vertices[v]];
                System.arraycopy(whole.columns(), entry, points, starts[v], starts[v + 1] - starts[v]);
                System.arraycopy(whole.weights(), entry, weights, starts[v], starts[v + 1] - starts[v]);
            }
            return new Tile(first, last, members.count, new SparseRows(starts, points, weights), members.pass());
        }

        /** The vertices of a tile: numbered within it, in the order in which they were added. */
        private final class Members {
            final int[] numbers = new int[lattice.vertices()];
            int[] vertices = new int[FEWEST_POINTS];
            int count;

            Members() {
                Arrays.fill(numbers, VertexTable.ABSENT);
            }

            void add(int vertex) {
                if (vertex != VertexTable.ABSENT && numbers[vertex] == VertexTable.ABSENT) {
                    if (count == vertices.length) {
                        vertices = Arrays.copyOf(vertices, 2 * count);
                    }
                    vertices[count] = vertex;
                    numbers[vertex] = count++;
                }
            }

            void addCorners(int first, int last) {
                for (int e = first * corners; e < last * corners; e++) {
                    add(lattice.slice().columns()[e]);
                }
            }

            /** Adds the neighbours from which the blur brings something, the last axis of the blur first. */
            void addBorder() {
                for (int axis = corners - 1; axis >= 0; axis--) {
                    int inner = count;
                    for (int v = 0; v < inner; v++) {
                        add(neighbors.before(axis)[vertices[v]]);
                        add(neighbors.after(axis)[vertices[v]]);
                    }
                }
            }

            BlurPass pass() {
                int[] order = new int[count];
                Arrays.setAll(order, vertex -> vertex);
                return BlurPass.along(
                        neighbors.among(vertices, count, numbers), 0, corners, order, new int[] {0, count});
            }
        }
    }
}
