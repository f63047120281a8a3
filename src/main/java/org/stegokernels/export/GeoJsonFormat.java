package org.stegokernels.export;

import java.awt.geom.Point2D;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.locationtech.jts.algorithm.Orientation;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.CoordinateArrays;
import org.locationtech.jts.geom.LinearRing;
import org.locationtech.jts.geom.Polygon;
import org.stegokernels.export.ExportFormat.Category;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.ExportFormat.Settings;
import org.stegokernels.export.ObjectMap.Measures;
import org.stegokernels.text.JsonWriter;

/**
 * Objects as features of GeoJSON (RFC 7946): {@code NAME.geojson}. A picture with a place on the ground gets longitude and
 * latitude; one without has pixels, from its upper left corner and y downwards, as QuPath reads and writes them. Class name
 * and colour stand where QuPath looks for them, too. Shells turn counterclockwise and holes clockwise by their numbers.
 */
final class GeoJsonFormat implements ExportFormat {
    /** Digits of a degree: a tenth of a millimetre. */
    private static final int DECIMALS = 9;

    private final Outputs outputs;
    private final Settings settings;
    private final Category[] categories;

    private GeoJsonFormat(Outputs outputs, Settings settings) {
        this.outputs = outputs;
        this.settings = settings;
        categories = Category.byId(settings.categories());
    }

    static ExportFormat open(Outputs outputs, Settings settings) {
        return new GeoJsonFormat(outputs, settings);
    }

    @Override
    public void add(Picture picture) throws IOException {
        List<Polygon> polygons = picture.polygons(settings.tolerance());
        outputs.write(picture.name() + ".geojson", out -> {
            String crs =
                    picture.placement() == null ? null : picture.placement().crs();
            String head = "{\"type\":\"FeatureCollection\"," + (crs == null ? "" : crsMember(crs)) + "\"features\":[";
            out.write(head.getBytes(StandardCharsets.UTF_8));
            boolean first = true;
            for (Measures object : picture.measures()) {
                Category category = categories[object.classId()];
                if (category != null) {
                    out.write((first ? "\n" : ",\n").getBytes(StandardCharsets.UTF_8));
                    out.write(feature(object, category, polygons.get(object.object()), picture.placement()));
                    first = false;
                }
            }
            out.write("]}\n".getBytes(StandardCharsets.UTF_8));
        });
    }

    /** Returns the member by which GeoJSON named reference systems before RFC 7946; null is one that nobody knows. */
    private static String crsMember(String crs) {
        return crs.isEmpty()
                ? "\"crs\":null,"
                : "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":" + JsonWriter.text(crs) + "}},";
    }

    private static byte[] feature(Measures object, Category category, Polygon polygon, Picture.Placement placement)
            throws IOException {
        return JsonWriter.bytes(json -> {
            json.field("type", "Feature");
            json.beginObject("geometry");
            json.field("type", "Polygon");
            List<List<double[]>> rings = new ArrayList<>();
            rings.add(ring(polygon.getExteriorRing(), true, placement));
            for (int hole = 0; hole < polygon.getNumInteriorRing(); hole++) {
                rings.add(ring(polygon.getInteriorRingN(hole), false, placement));
            }
            json.field("coordinates", rings);
            json.endObject();
            json.beginObject("properties");
            json.field("objectType", "annotation");
            json.beginObject("classification");
            json.field("name", category.name());
            json.field(
                    "color",
                    new int[] {category.rgb() >> 16 & 0xFF, category.rgb() >> 8 & 0xFF, category.rgb() & 0xFF});
            json.endObject();
            json.field("object", object.object() + 1);
            json.field("class_id", category.id());
            json.field("class", category.name());
            json.field("area", object.area());
            if (!Double.isNaN(object.confidence())) {
                json.field("confidence", Measures.rounded(object.confidence(), 4));
            }
            json.endObject();
        });
    }

    private static List<double[]> ring(LinearRing ring, boolean counterclockwise, Picture.Placement placement) {
        Coordinate[] coordinates = new Coordinate[ring.getNumPoints()];
        for (int i = 0; i < coordinates.length; i++) {
            Coordinate pixel = ring.getCoordinateN(i);
            coordinates[i] = pixel;
            if (placement != null) {
                Point2D.Double place = placement.at(pixel.x, pixel.y);
                coordinates[i] = placement.crs() == null
                        ? new Coordinate(Measures.rounded(place.x, DECIMALS), Measures.rounded(place.y, DECIMALS))
                        : new Coordinate(place.x, place.y);
            }
        }
        if (Orientation.isCCW(coordinates) != counterclockwise) {
            CoordinateArrays.reverse(coordinates);
        }
        List<double[]> points = new ArrayList<>(coordinates.length);
        for (Coordinate coordinate : coordinates) {
            points.add(new double[] {coordinate.x, coordinate.y});
        }
        return points;
    }
}
