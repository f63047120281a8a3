package org.stegokernels.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.locationtech.jts.algorithm.Orientation;
import org.locationtech.jts.coverage.CoverageUnion;
import org.locationtech.jts.coverage.CoverageValidator;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.LinearRing;
import org.locationtech.jts.geom.Polygon;
import org.stegokernels.image.LabelMap;

/** Polygons against the mask that they come from, filled by Java 2D, and JTS' judgement of coverages. */
class PolygonsTest {
    @Test
    void anOutlineHasItsTurnsAndTheVerticesOfItsNeighbors() {
        List<Polygon> polygons = Polygons.of(ObjectMap.of(Masks.of("000", "112", "1.2")), 0);
        assertThat(polygons.get(0).toText()).isEqualTo("POLYGON ((0 0, 3 0, 3 1, 2 1, 0 1, 0 0))");
        assertThat(polygons.get(1).toText()).isEqualTo("POLYGON ((0 1, 2 1, 2 2, 1 2, 1 3, 0 3, 0 1))");
        assertThat(polygons.get(2).toText()).isEqualTo("POLYGON ((2 1, 3 1, 3 3, 2 3, 2 2, 2 1))");
    }

    @Test
    void aHoleIsARingOfItsOwn() {
        List<Polygon> polygons = Polygons.of(ObjectMap.of(Masks.of("0000", "0120", "0000")), 0);
        assertThat(polygons.get(0).toText())
                .isEqualTo("POLYGON ((0 0, 4 0, 4 3, 0 3, 0 0), (1 2, 2 2, 3 2, 3 1, 2 1, 1 1, 1 2))");
    }

    @Test
    void whereAnObjectTouchesItselfByACornerAHoleTouchesTheShell() {
        List<Polygon> polygons = Polygons.of(ObjectMap.of(Masks.of("100", "010", "000")), 0);
        assertThat(polygons.get(1).getNumInteriorRing()).isEqualTo(1);
        assertThat(polygons.get(1).isValid()).isTrue();
        assertThat(polygons.get(1).getArea()).isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 0",
        "1, 40, 2, 0.2",
        "40, 1, 2, 0.2",
        "30, 30, 2, 0",
        "53, 41, 2, 0.3",
        "64, 48, 5, 0.1",
        "90, 70, 3, 0"
    })
    void polygonsOfAnyMapAreAValidCoverageOfItsPixels(int width, int height, int classes, double ignored) {
        LabelMap map = Masks.noise(width, height, classes, ignored, width);
        ObjectMap objects = ObjectMap.of(map);
        List<Polygon> polygons = Polygons.of(objects, 0);
        for (int object = 0; object < objects.count(); object++) {
            Polygon polygon = polygons.get(object);
            assertThat(polygon.isValid()).as(polygon.toText()).isTrue();
            assertThat(polygon.getArea()).isEqualTo(objects.areas()[object]);
            assertThat(polygon.getLength())
                    .isEqualTo(objects.measure().get(object).perimeter());
            assertThat(Orientation.isCCW(polygon.getExteriorRing().getCoordinates()))
                    .isTrue();
        }
        assertThat(CoverageValidator.isValid(polygons.toArray(Geometry[]::new))).isTrue();
        assertThat(filled(polygons, objects, width, height)).isEqualTo(map.labels());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 2, 5})
    void simplifiedPolygonsHaveNoGapAndNoOverlap(double tolerance) {
        LabelMap map = Masks.patches(320, 240, 5, 60, 3);
        map.labels()[120 * 320 + 160] = 4;
        ObjectMap objects = ObjectMap.of(map);
        List<Polygon> polygons = Polygons.of(objects, tolerance);
        Geometry[] coverage = polygons.toArray(Geometry[]::new);
        assertThat(coverage).hasSize(objects.count()).allMatch(Geometry::isValid);
        assertThat(CoverageValidator.isValid(coverage)).isTrue();
        double area = polygons.stream().mapToDouble(Polygon::getArea).sum();
        assertThat(CoverageUnion.union(coverage).getArea()).isCloseTo(area, within(1e-6));
        assertThat(CoverageUnion.union(coverage).getBoundary().getNumGeometries())
                .isEqualTo(1);
        int before = vertices(Polygons.of(objects, 0));
        // The steps of pixels are triangles of half a pixel.
        assertThat(vertices(polygons)).isLessThan(tolerance * tolerance > 0.5 ? before / 2 : before + 1);
    }

    private static int vertices(List<Polygon> polygons) {
        return polygons.stream().mapToInt(Polygon::getNumPoints).sum();
    }

    @Test
    void theUsualToleranceKeepsClassesWithinOnePercent() {
        LabelMap map = Masks.patches(480, 360, 6, 90, 1);
        // A post of 3 pixels that leans.
        for (int y = 0; y < 360; y++) {
            Arrays.fill(map.labels(), y * 480 + 100 + y / 3, y * 480 + 103 + y / 3, (byte) 6);
        }
        ObjectMap objects = ObjectMap.of(map);
        byte[] filled = filled(Polygons.of(objects, Polygons.DEFAULT_TOLERANCE), objects, 480, 360);
        for (int id = 0; id < 7; id++) {
            assertThat(iou(map.labels(), filled, id)).isGreaterThan(0.99);
        }
    }

    static double iou(byte[] a, byte[] b, int id) {
        int both = 0;
        int either = 0;
        for (int i = 0; i < a.length; i++) {
            both += a[i] == id && b[i] == id ? 1 : 0;
            either += a[i] == id || b[i] == id ? 1 : 0;
        }
        return (double) both / either;
    }

    @Test
    void aMapWithoutObjectsHasNoPolygons() {
        assertThat(Polygons.of(ObjectMap.of(Masks.of("..")), 1)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
    void aToleranceThatIsNoLengthIsRefused(double tolerance) {
        assertThatThrownBy(() -> Polygons.of(ObjectMap.of(Masks.of("01")), tolerance))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tolerance");
    }

    /** Returns the labels of the pixels whose centres are in the polygons. */
    static byte[] filled(List<Polygon> polygons, ObjectMap objects, int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        byte[] labels = new byte[width * height];
        Arrays.fill(labels, (byte) LabelMap.IGNORE);
        for (int object = 0; object < polygons.size(); object++) {
            Path2D path = new Path2D.Double(Path2D.WIND_EVEN_ODD);
            Polygon polygon = polygons.get(object);
            add(path, polygon.getExteriorRing());
            for (int hole = 0; hole < polygon.getNumInteriorRing(); hole++) {
                add(path, polygon.getInteriorRingN(hole));
            }
            graphics.setColor(new Color(object + 1));
            graphics.fill(path);
        }
        graphics.dispose();
        for (int i = 0; i < labels.length; i++) {
            int drawn = image.getRGB(i % width, i / width) & 0xFFFFFF;
            if (drawn > 0) {
                labels[i] = (byte) objects.classOf(drawn - 1);
            }
        }
        return labels;
    }

    private static void add(Path2D path, LinearRing ring) {
        Coordinate[] coordinates = ring.getCoordinates();
        path.moveTo(coordinates[0].x, coordinates[0].y);
        for (Coordinate coordinate : coordinates) {
            path.lineTo(coordinate.x, coordinate.y);
        }
        path.closePath();
    }
}
