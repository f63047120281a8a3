package org.stegokernels.export;

import java.util.ArrayList;
import java.util.List;
import org.locationtech.jts.coverage.CoverageSimplifier;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.Polygon;
import org.locationtech.jts.triangulate.polygon.PolygonHoleJoiner;

/**
 * The outlines of objects as polygons that share their borders: in pixels from the upper left corner of the picture, y
 * downwards, so that the first pixel covers (0, 0) to (1, 1).
 */
final class Polygons {
    /** The usual tolerance, in pixels: takes the steps of pixels away and little else. */
    public static final double DEFAULT_TOLERANCE = 1;
    /**
     * Area over perimeter, in pixels, from which the tolerance holds in full: that of a strip of 20 pixels. With one
     * tolerance for all, one of 1 moves the borders of what is a few pixels wide by a tenth of its area.
     */
    private static final double FULL_FROM = 10;

    private Polygons() {}

    /**
     * Returns the polygon of each object. Without simplification it covers the very pixels of the object; simplified,
     * neighbors still share their borders without gap or overlap (Visvalingam and Whyatt 1993 on shared borders, by JTS'
     * {@link CoverageSimplifier}), and no object or hole is lost.
     *
     * @param tolerance in pixels, about as far as a border may move, less for objects that are thinner than 20 pixels; 0
     *     simplifies nothing
     */
    public static List<Polygon> of(ObjectMap objects, double tolerance) {
        requireTolerance(tolerance);
        Polygon[] traced = OutlineTracer.trace(objects);
        if (tolerance == 0 || traced.length == 0) {
            return List.of(traced);
        }
        double[] tolerances = new double[traced.length];
        for (int object = 0; object < traced.length; object++) {
            double width = traced[object].getArea() / traced[object].getLength();
            tolerances[object] = tolerance * Math.min(1, width / FULL_FROM);
        }
        CoverageSimplifier simplifier = new CoverageSimplifier(traced);
        simplifier.setRemovableRingSizeFactor(0);
        List<Polygon> simplified = new ArrayList<>(traced.length);
        for (Geometry polygon : simplifier.simplify(tolerances)) {
            simplified.add((Polygon) polygon);
        }
        return simplified;
    }

    /**
     * Returns a polygon as one ring for formats that know no holes: x and y in turn, whole pixels, the first point not
     * repeated at the end. The ring goes to each hole over a bridge of no width, around it, and back; filled by the even-odd
     * rule, it covers what the polygon does.
     */
    static int[] bridged(Polygon polygon) {
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

    /** @throws IllegalArgumentException if it is no length */
    static void requireTolerance(double tolerance) {
        if (!(tolerance >= 0) || Double.isInfinite(tolerance)) {
            throw new IllegalArgumentException("a tolerance of " + tolerance + " pixels; it is 0 or more");
        }
    }
}
