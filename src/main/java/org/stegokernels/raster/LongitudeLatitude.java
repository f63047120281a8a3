package org.stegokernels.raster;

import java.awt.geom.Point2D;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.locationtech.proj4j.CRSFactory;
import org.locationtech.proj4j.CoordinateReferenceSystem;
import org.locationtech.proj4j.CoordinateTransform;
import org.locationtech.proj4j.CoordinateTransformFactory;
import org.locationtech.proj4j.Proj4jException;
import org.locationtech.proj4j.ProjCoordinate;
import org.stegokernels.image.ImageException;

/** The way from a reference system to longitude and latitude on WGS 84, by proj4j. */
final class LongitudeLatitude {
    private static final String WGS84 = "+proj=longlat +datum=WGS84 +no_defs";
    private static final String REMEDY = "keep the coordinates of the picture with --crs source";

    private final Path file;
    private final CoordinateTransform transform;

    private LongitudeLatitude(Path file, CoordinateTransform transform) {
        this.file = file;
        this.transform = transform;
    }

    /** @throws ImageException if the reference system has no code, or proj4j doesn't know it */
    static LongitudeLatitude from(Path file, OptionalInt epsg) {
        if (epsg.isEmpty()) {
            throw new ImageException(file, "its coordinate reference system has no EPSG code", REMEDY);
        }
        String name = "EPSG:" + epsg.getAsInt();
        try {
            CRSFactory factory = new CRSFactory();
            CoordinateReferenceSystem source = factory.createFromName(name);
            CoordinateReferenceSystem target = factory.createFromParameters("WGS84", WGS84);
            return new LongitudeLatitude(file, new CoordinateTransformFactory().createTransform(source, target));
        } catch (Proj4jException | IllegalStateException e) {
            throw new ImageException(file, "its coordinate reference system " + name + " is not known", REMEDY, e);
        }
    }

    /** @throws ImageException if the place lies outside of what the reference system can say */
    synchronized Point2D.Double of(Point2D.Double place) {
        ProjCoordinate out = new ProjCoordinate();
        try {
            transform.transform(new ProjCoordinate(place.x, place.y), out);
        } catch (Proj4jException | IllegalStateException e) {
            throw new ImageException(
                    file,
                    "(" + place.x + ", " + place.y + ") is no place on the earth (" + e.getMessage() + ")",
                    REMEDY,
                    e);
        }
        return new Point2D.Double(out.x, out.y);
    }
}
