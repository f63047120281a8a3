package org.stegokernels.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.GeometryFactory;
import org.locationtech.jts.geom.LinearRing;
import org.locationtech.jts.geom.Polygon;

/**
 * Traces the outlines of objects along the sides of their pixels. Every run of an {@link ObjectMap} has an edge at its
 * left, and each row one more at its right end; an edge is passed downwards by the outline of the object at its left and
 * upwards by that at its right, so that each object lies at the right hand of its outline. A first pass over the rows
 * links each passage of an edge with the next one; a second follows the links.
 *
 * <p>An outline has a vertex where it turns and where three or more areas meet, so that two neighbors have the same
 * vertices along their border. Where two pixels of one object touch by a corner alone, its outline is parted there: one
 * ring is a hole that touches the other at a point, as a valid polygon has it.
 */
final class OutlineTracer {
    private static final int NONE = ObjectMap.NONE;
    private static final GeometryFactory GEOMETRY = new GeometryFactory();

    /** The areas around a vertex, counterclockwise, and the edges between each and the next one. */
    private static final int NORTH_EAST = 0;

    private static final int NORTH_WEST = 1;
    private static final int SOUTH_WEST = 2;
    private static final int SOUTH_EAST = 3;
    private static final int NORTH = 0;
    private static final int WEST = 1;
    private static final int SOUTH = 2;
    private static final int EAST = 3;

    private final ObjectMap objects;
    /** The passage after each: twice the number of the edge downwards, one more upwards. */
    private final int[] next;

    private final int[] around = new int[4];

    private OutlineTracer(ObjectMap objects) {
        this.objects = objects;
        next = new int[2 * Math.addExact(objects.firstRun(objects.height()), objects.height())];
        Arrays.fill(next, NONE);
    }

    /** Returns the polygon of each object, in pixels from the upper left corner of the picture, y downwards. */
    static Polygon[] trace(ObjectMap objects) {
        OutlineTracer tracer = new OutlineTracer(objects);
        for (int y = 0; y <= objects.height(); y++) {
            tracer.link(y);
        }
        return tracer.polygons();
    }

    private int edges(int row) {
        return row < 0 || row >= objects.height() ? 0 : objects.firstRun(row + 1) - objects.firstRun(row) + 1;
    }

    private int edge(int index, int row) {
        return objects.firstRun(row) + row + index;
    }

    private int column(int index, int row) {
        return index == edges(row) - 1 ? objects.width() : objects.start(objects.firstRun(row) + index);
    }

    private int rightOf(int index, int row) {
        return index == edges(row) - 1 ? NONE : objects.objectOfRun(objects.firstRun(row) + index);
    }

    private int leftOf(int index, int row) {
        return index == 0 ? NONE : objects.objectOfRun(objects.firstRun(row) + index - 1);
    }

    /** Links what meets at the vertices above a row. */
    private void link(int row) {
        int countAbove = edges(row - 1);
        int countBelow = edges(row);
        int above = 0;
        int below = 0;
        Arrays.fill(around, NONE);
        // The passages that came to and will leave by the horizontal edge at the left of the next vertex.
        int fromWest = NONE;
        int toWest = NONE;
        while (above < countAbove || below < countBelow) {
            int columnAbove = above < countAbove ? column(above, row - 1) : Integer.MAX_VALUE;
            int columnBelow = below < countBelow ? column(below, row) : Integer.MAX_VALUE;
            int north = NONE;
            int south = NONE;
            around[NORTH_WEST] = around[NORTH_EAST];
            around[SOUTH_WEST] = around[SOUTH_EAST];
            if (columnAbove <= columnBelow) {
                north = edge(above, row - 1);
                around[NORTH_EAST] = rightOf(above++, row - 1);
            }
            if (columnBelow <= columnAbove) {
                south = edge(below, row);
                around[SOUTH_EAST] = rightOf(below++, row);
            }
            int fromEast = NONE;
            int toEast = NONE;
            for (int area = 0; area < 4; area++) {
                int came = (area + 3) % 4;
                if (around[area] == NONE || around[area] == around[came]) {
                    continue;
                }
                int passage = switch (came) {
                    case NORTH -> 2 * north;
                    case SOUTH -> 2 * south + 1;
                    case WEST -> fromWest;
                    default -> NONE;
                };
                int leaves = leaves(area);
                int following = switch (leaves) {
                    case NORTH -> 2 * north + 1;
                    case SOUTH -> 2 * south;
                    case WEST -> toWest;
                    default -> NONE;
                };
                if (came == EAST) {
                    toEast = following;
                } else if (leaves == EAST) {
                    fromEast = passage;
                } else {
                    next[passage] = following;
                }
            }
            fromWest = fromEast;
            toWest = toEast;
        }
    }

    /** Returns the edge by which an outline leaves the vertex that it came to with {@code area} as the first at its right. */
    private int leaves(int area) {
        int object = around[area];
        boolean parted = around[(area + 1) % 4] != object
                && around[(area + 2) % 4] == object
                && around[(area + 3) % 4] != object;
        int last = parted ? area + 2 : area;
        while (around[(last + 1) % 4] == object) {
            last++;
        }
        return last % 4;
    }

    private Polygon[] polygons() {
        LinearRing[] shells = new LinearRing[objects.count()];
        List<List<LinearRing>> holes = new ArrayList<>(objects.count());
        for (int object = 0; object < shells.length; object++) {
            holes.add(List.of());
        }
        for (int row = 0; row < objects.height(); row++) {
            for (int index = 0; index < edges(row); index++) {
                // The first passage of an object, row by row, is upwards at the left of its first pixel: of its shell.
                for (int up = 1; up >= 0; up--) {
                    int object = up == 1 ? rightOf(index, row) : leftOf(index, row);
                    if (object == NONE || next[2 * edge(index, row) + up] == NONE) {
                        continue;
                    }
                    LinearRing ring = follow(index, row, up == 1);
                    if (shells[object] == null) {
                        shells[object] = ring;
                    } else {
                        if (holes.get(object).isEmpty()) {
                            holes.set(object, new ArrayList<>());
                        }
                        holes.get(object).add(ring);
                    }
                }
            }
        }
        Polygon[] polygons = new Polygon[shells.length];
        for (int object = 0; object < polygons.length; object++) {
            polygons[object] =
                    GEOMETRY.createPolygon(shells[object], holes.get(object).toArray(LinearRing[]::new));
        }
        return polygons;
    }

    /** Follows the links from a passage around, and unlinks them. */
    private LinearRing follow(int firstIndex, int firstRow, boolean firstUp) {
        List<Coordinate> ring = new ArrayList<>();
        int index = firstIndex;
        int row = firstRow;
        boolean up = firstUp;
        int passage = 2 * edge(index, row) + (up ? 1 : 0);
        while (next[passage] != NONE) {
            int following = next[passage];
            next[passage] = NONE;
            boolean nextUp = following % 2 == 1;
            int y = up ? row : row + 1;
            int nextRow = nextUp ? y - 1 : y;
            int nextIndex = following / 2 - edge(0, nextRow);
            int x = column(index, row);
            int nextX = column(nextIndex, nextRow);
            if (x != nextX) {
                ring.add(new Coordinate(x, y));
                addJunctions(ring, x, nextX, y);
                ring.add(new Coordinate(nextX, y));
            } else if (other(index, row, up) != other(nextIndex, nextRow, nextUp)) {
                ring.add(new Coordinate(x, y));
            }
            index = nextIndex;
            row = nextRow;
            up = nextUp;
            passage = following;
        }
        ring.add(ring.get(0).copy());
        return GEOMETRY.createLinearRing(ring.toArray(Coordinate[]::new));
    }

    /** Returns the object at the left hand of a passage. */
    private int other(int index, int row, boolean up) {
        return up ? leftOf(index, row) : rightOf(index, row);
    }

    /** Adds the vertices between two columns where runs of the row at the left hand meet. */
    private void addJunctions(List<Coordinate> ring, int from, int to, int y) {
        boolean east = to > from;
        int row = east ? y - 1 : y;
        if (row < 0 || row >= objects.height()) {
            return;
        }
        int run = objects.runAt(east ? from : from - 1, row);
        if (east) {
            for (int end = objects.end(run, row); end < to; end = objects.end(++run, row)) {
                ring.add(new Coordinate(end, y));
            }
        } else {
            for (int start = objects.start(run); start > to; start = objects.start(--run)) {
                ring.add(new Coordinate(start, y));
            }
        }
    }
}
