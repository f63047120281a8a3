package org.stegokernels.raster;

import java.awt.geom.AffineTransform;
import java.awt.geom.Point2D;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import javax.imageio.plugins.tiff.GeoTIFFTagSet;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.PixelReader;

/**
 * The place of a picture on the ground by the GeoTIFF standard (OGC 19-008): a transform of its pixels to coordinates, and the
 * reference system that these are of. The tags are kept byte for byte, for files that are made of the picture.
 */
public final class GeoReference {
    private static final List<Integer> TAGS = List.of(
            GeoTIFFTagSet.TAG_MODEL_PIXEL_SCALE,
            GeoTIFFTagSet.TAG_MODEL_TIE_POINT,
            GeoTIFFTagSet.TAG_MODEL_TRANSFORMATION,
            GeoTIFFTagSet.TAG_GEO_KEY_DIRECTORY,
            GeoTIFFTagSet.TAG_GEO_DOUBLE_PARAMS,
            GeoTIFFTagSet.TAG_GEO_ASCII_PARAMS);

    private static final int DOUBLE = 12;
    private static final int RASTER_TYPE_KEY = 1025;
    private static final int GEOGRAPHIC_CRS_KEY = 2048;
    private static final int PROJECTED_CRS_KEY = 3072;
    private static final int PIXEL_IS_POINT = 2;
    /** A code of the standard for "no code": the system is described by other keys. */
    private static final int USER_DEFINED = 32767;

    private final Path file;
    private final ByteOrder order;
    private final List<TiffTag> tags;
    private final AffineTransform transform;
    private final int epsg;
    private LongitudeLatitude projection;

    private GeoReference(Path file, ByteOrder order, List<TiffTag> tags) {
        this.file = file;
        this.order = order;
        this.tags = tags;
        int[] projected = key(PROJECTED_CRS_KEY);
        int[] geographic = key(GEOGRAPHIC_CRS_KEY);
        epsg = projected.length > 0 ? projected[0] : geographic.length > 0 ? geographic[0] : 0;
        transform = transform();
    }

    /**
     * Returns what a picture says; nothing if it is no TIFF or can't be read, or if it is to be turned for viewing, since the
     * coordinates are those of stored pixels.
     */
    public static Optional<GeoReference> of(Path picture) {
        try {
            if (!PixelReader.isTiff(picture)) {
                return Optional.empty();
            }
            try (TiffFile file = TiffFile.open(picture)) {
                return file.integer(TiffTag.ORIENTATION, 1) > 1 ? Optional.empty() : Optional.ofNullable(of(file));
            }
        } catch (IOException | ImageException e) {
            // Whoever reads its pixels says so.
            return Optional.empty();
        }
    }

    /** Returns what a file says, or null if it says nothing. */
    static GeoReference of(TiffFile file) throws IOException {
        List<TiffTag> tags = new ArrayList<>();
        for (int number : TAGS) {
            TiffTag tag = file.tag(number);
            if (tag != null) {
                tags.add(tag);
            }
        }
        return tags.isEmpty() ? null : new GeoReference(file.path(), file.order(), List.copyOf(tags));
    }

    /** Returns the tags as they are in the file. */
    List<TiffTag> tags() {
        return tags;
    }

    /** Returns the order of the bytes of the tags. */
    ByteOrder order() {
        return order;
    }

    /**
     * Returns the transform of pixels, (0, 0) the upper left corner of the first one, to coordinates of the reference system;
     * nothing if the file has only control points.
     */
    public Optional<AffineTransform> pixelToCrs() {
        return Optional.ofNullable(transform).map(AffineTransform::new);
    }

    /** Returns the EPSG code of the reference system, if it has one. */
    public OptionalInt epsg() {
        return epsg > 0 && epsg != USER_DEFINED ? OptionalInt.of(epsg) : OptionalInt.empty();
    }

    /**
     * Returns coordinates of the reference system.
     *
     * @param x column, 0 the left edge of the first pixel
     * @param y row, 0 the upper edge of the first pixel
     * @throws ImageException if the file has only control points
     */
    public Point2D.Double coordinates(double x, double y) {
        if (transform == null) {
            throw new ImageException(
                    file,
                    "it has control points, but no transform to coordinates",
                    "warp it first, with gdalwarp or the like");
        }
        Point2D.Double place = new Point2D.Double(x, y);
        transform.transform(place, place);
        return place;
    }

    /**
     * Returns longitude and latitude in degrees on WGS 84, as GeoJSON (RFC 7946) has them. Parameters are those of {@link
     * #coordinates}.
     *
     * @throws ImageException if the transform or the reference system is not known
     */
    public Point2D.Double longitudeLatitude(double x, double y) {
        return projection().of(coordinates(x, y));
    }

    private synchronized LongitudeLatitude projection() {
        if (projection == null) {
            projection = LongitudeLatitude.from(file, epsg());
        }
        return projection;
    }

    private double[] doubles(int number) {
        for (TiffTag tag : tags) {
            if (tag.number() == number && tag.type() == DOUBLE) {
                double[] values = new double[tag.value().length / 8];
                ByteBuffer.wrap(tag.value()).order(order).asDoubleBuffer().get(values);
                return values;
            }
        }
        return new double[0];
    }

    /** Returns the value of a key of whole numbers; nothing if it isn't there. */
    private int[] key(int key) {
        for (TiffTag tag : tags) {
            if (tag.number() != GeoTIFFTagSet.TAG_GEO_KEY_DIRECTORY || tag.type() != TiffTag.SHORT) {
                continue;
            }
            ByteBuffer shorts = ByteBuffer.wrap(tag.value()).order(order);
            // Four numbers each: the key, the tag that has its value, how many there are, and the value if no tag has
            // it.
            for (int at = 8; at + 8 <= shorts.limit(); at += 8) {
                if ((shorts.getShort(at) & 0xFFFF) == key && shorts.getShort(at + 2) == 0) {
                    return new int[] {shorts.getShort(at + 6) & 0xFFFF};
                }
            }
        }
        return new int[0];
    }

    private AffineTransform transform() {
        double[] matrix = doubles(GeoTIFFTagSet.TAG_MODEL_TRANSFORMATION);
        double[] scale = doubles(GeoTIFFTagSet.TAG_MODEL_PIXEL_SCALE);
        double[] tie = doubles(GeoTIFFTagSet.TAG_MODEL_TIE_POINT);
        AffineTransform made;
        if (matrix.length == 16) {
            made = new AffineTransform(matrix[0], matrix[4], matrix[1], matrix[5], matrix[3], matrix[7]);
        } else if (scale.length >= 2 && tie.length >= 6) {
            made = new AffineTransform(
                    scale[0], 0, 0, -scale[1], tie[3] - tie[0] * scale[0], tie[4] + tie[1] * scale[1]);
        } else {
            return null;
        }
        int[] rasterType = key(RASTER_TYPE_KEY);
        if (rasterType.length > 0 && rasterType[0] == PIXEL_IS_POINT) {
            // Then whole numbers are the middles of pixels, not their corners.
            made.translate(-0.5, -0.5);
        }
        return made;
    }
}
