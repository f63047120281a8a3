package org.stegokernels.cli;

import java.awt.geom.Point2D;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.stegokernels.export.ExportFormat.Picture.Placement;
import org.stegokernels.export.Format;
import org.stegokernels.image.ImageException;
import org.stegokernels.raster.GeoReference;
import org.stegokernels.stego.Segmentation.ClassInfo;
import org.stegokernels.text.Printable;
import org.stegokernels.text.Spelling;
import picocli.CommandLine.Option;

/** The options that say in which formats results are written. */
abstract class FormatSelection {
    private static final String FORMATS =
            "Formats of the results, with commas between: ${COMPLETION-CANDIDATES}. All but"
                    + " png, confidence and objects have folders of their own.";

    @Option(
            names = "--class",
            paramLabel = "CLASS",
            order = 31,
            description = "The class that cutout cuts out: its name or its id.")
    private String cutout;

    @Option(
            names = "--crs",
            paramLabel = "KIND",
            order = 31,
            defaultValue = "wgs84",
            description =
                    "Coordinates that geojson has for a GeoTIFF: wgs84, longitude and latitude as RFC 7946 asks, or"
                            + " source, those of the picture, whose EPSG code is then named by a member \"crs\". Default:"
                            + " ${DEFAULT-VALUE}.")
    private Crs crs;

    /** The coordinates that polygons have where the picture has a place on the ground. */
    enum Crs {
        WGS84,
        SOURCE;

        /**
         * Returns the way from pixels to coordinates.
         *
         * @throws ImageException if there is none, since the picture has no transform or a reference system that is not known
         */
        Placement placement(GeoReference reference) {
            Point2D.Double corner = this == WGS84 ? reference.longitudeLatitude(0, 0) : reference.coordinates(0, 0);
            return this == WGS84 ? new DegreePlacement(reference, corner.x) : new SourcePlacement(reference);
        }
    }

    /**
     * Longitude and latitude. Where a picture lies on both sides of the antimeridian, longitudes go on beyond 180 degrees: its
     * polygons would reach around the earth otherwise.
     *
     * @param meridian a longitude of the picture
     */
    private record DegreePlacement(GeoReference reference, double meridian) implements Placement {
        @Override
        public Point2D.Double at(double x, double y) {
            Point2D.Double place = reference.longitudeLatitude(x, y);
            place.x -= 360 * Math.rint((place.x - meridian) / 360);
            return place;
        }
    }

    /** The coordinates of the reference system of a picture. */
    private record SourcePlacement(GeoReference reference) implements Placement {
        @Override
        public Point2D.Double at(double x, double y) {
            return reference.coordinates(x, y);
        }

        @Override
        public String crs() {
            OptionalInt epsg = reference.epsg();
            return epsg.isPresent() ? "urn:ogc:def:crs:EPSG::" + epsg.getAsInt() : "";
        }
    }

    /** For what writes labels and a picture to look at anyway. */
    static final class OrPng extends FormatSelection {
        @Option(
                names = "--format",
                paramLabel = "LIST",
                order = 30,
                split = ",",
                hideParamSyntax = true,
                defaultValue = "png",
                completionCandidates = Titles.class,
                description = FORMATS + " Default: ${DEFAULT-VALUE}.")
        private List<String> titles;

        @Override
        List<String> titles() {
            return titles;
        }
    }

    /** For what writes nothing else. */
    static final class Required extends FormatSelection {
        @Option(
                names = "--format",
                paramLabel = "LIST",
                order = 30,
                split = ",",
                hideParamSyntax = true,
                required = true,
                completionCandidates = Titles.class,
                description = FORMATS)
        private List<String> titles;

        @Override
        List<String> titles() {
            return titles;
        }
    }

    /** The names of all formats. */
    static final class Titles implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Format.titles().iterator();
        }
    }

    abstract List<String> titles();

    Crs crs() {
        return crs;
    }

    /**
     * Returns the formats.
     *
     * @throws UsageException if there is no such format, or what it needs is not given
     */
    Set<Format> formats() {
        Set<Format> formats = EnumSet.noneOf(Format.class);
        for (String title : titles()) {
            try {
                formats.add(Format.of(title.strip()));
            } catch (IllegalArgumentException e) {
                throw new UsageException("--format: " + e.getMessage());
            }
        }
        if (formats.contains(Format.CUTOUT) != (cutout != null)) {
            throw new UsageException(
                    cutout == null
                            ? "--format cutout needs the class to cut out: --class NAME, or its id"
                            : "--class is for --format cutout");
        }
        return formats;
    }

    /**
     * Returns the id of the class that is to be cut out; -1 if none is.
     *
     * @throws UsageException if there is no such class
     */
    int cutout(List<ClassInfo> classes) {
        if (cutout == null) {
            return -1;
        }
        List<String> names = new ArrayList<>();
        for (ClassInfo each : classes) {
            if (each.name().equalsIgnoreCase(cutout)
                    || Integer.toString(each.id()).equals(cutout)) {
                return each.id();
            }
            names.add(each.name());
        }
        throw new UsageException("--class: there is no class " + Printable.quoted(cutout)
                + (names.isEmpty() ? "" : "; did you mean " + Printable.quoted(Spelling.nearest(cutout, names)) + "?"));
    }
}
