package org.stegokernels.export;

import java.awt.geom.Point2D;
import java.util.List;
import org.locationtech.jts.geom.Polygon;
import org.stegokernels.export.ObjectMap.Measures;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;

/**
 * One segmented picture, as exporters take it. Its objects and polygons are found when an exporter first asks for them, and
 * kept for the next one. For use by one thread at a time.
 */
public final class Picture {
    private final String name;
    private final String file;
    private final LabelMap labels;
    private RgbImage photograph;
    private float[] confidence;
    private Placement placement;

    private ObjectMap objects;
    private List<Measures> measures;
    private List<Polygon> polygons;
    private double tolerance;

    /**
     * @param name of its results without ending, in folders if there are slashes in it: {@code holidays/beach}
     * @param file of the photograph as other tools are to find it: {@code holidays/beach.jpg}
     */
    public Picture(String name, String file, LabelMap labels) {
        this.name = name;
        this.file = file;
        this.labels = labels;
    }

    /** The place on the ground of each point of a picture. */
    @FunctionalInterface
    public interface Placement {
        /**
         * Returns coordinates in the order of GeoJSON: longitude and latitude, or easting and northing.
         *
         * @param x columns from the left edge of the first pixel
         * @param y rows from the upper edge of the first pixel
         */
        Point2D.Double at(double x, double y);

        /** Returns the reference system, as {@code EPSG:32633}; null for WGS 84, the only one of RFC 7946. */
        default String crs() {
            return null;
        }
    }

    /**
     * Adds the photograph, for cut-outs.
     *
     * @throws IllegalArgumentException if it has another size than the labels
     */
    public Picture withPhotograph(RgbImage image) {
        if (image.width() != labels.width() || image.height() != labels.height()) {
            throw new IllegalArgumentException("a photograph of " + image.width() + "x" + image.height()
                    + " with labels of " + labels.width() + "x" + labels.height());
        }
        photograph = image;
        return this;
    }

    /**
     * Adds how sure the model is of each pixel.
     *
     * @param values 0 to 1, [height, width]; not copied
     * @throws IllegalArgumentException if there are more or fewer than pixels
     */
    public Picture withConfidence(float[] values) {
        if (values.length != labels.labels().length) {
            throw new IllegalArgumentException(
                    values.length + " confidences for " + labels.labels().length + " pixels");
        }
        confidence = values;
        return this;
    }

    /** Adds where the picture lies on the ground. */
    public Picture withPlacement(Placement place) {
        placement = place;
        return this;
    }

    public String name() {
        return name;
    }

    public String file() {
        return file;
    }

    public LabelMap labels() {
        return labels;
    }

    /** Returns the photograph, or null. */
    public RgbImage photograph() {
        return photograph;
    }

    /** Returns how sure the model is of each pixel, or null. */
    float[] confidence() {
        return confidence;
    }

    /** Returns where the picture lies on the ground, or null. */
    Placement placement() {
        return placement;
    }

    /** Returns the objects. */
    public ObjectMap objects() {
        if (objects == null) {
            objects = ObjectMap.of(labels);
        }
        return objects;
    }

    /** Returns the measures of the objects. */
    public List<Measures> measures() {
        if (measures == null) {
            measures = objects().measure(confidence);
        }
        return measures;
    }

    /** Returns the polygons of the objects, as {@link Polygons#of} does. */
    List<Polygon> polygons(double simplifiedBy) {
        if (polygons == null || tolerance != simplifiedBy) {
            polygons = Polygons.of(objects(), simplifiedBy);
            tolerance = simplifiedBy;
        }
        return polygons;
    }
}
