package org.stegokernels.export;

import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Polygon;
import org.locationtech.jts.triangulate.polygon.PolygonHoleJoiner;

/**
 * Polygons with holes as one ring, for formats that know no holes: the ring goes to each hole over a bridge of no width,
 * around it, and back. Filled by the even-odd rule, it covers what the polygon does.
 */
final class Bridges {
    private Bridges() {}

    /** Returns the ring as x and y in turn, the first point not repeated at the end. Points are whole pixels. */
    static int[] ring(Polygon polygon) {
        Coordinate[] ring = polygon.getNumInteriorRing() == 0
                ? polygon.getExteriorRing().getCoordinates()
                : PolygonHoleJoiner.join(polygon);
        int[] numbers = new int[2 * (ring.length - 1)];
        for (int i = 0; i < ring.length - 1; i++) {
            numbers[2 * i] = (int) ring[i].x;
            numbers[2 * i + 1] = (int) ring[i].y;
        }
        return numbers;
    }
}
