package org.stegokernels.export;

import java.awt.geom.Point2D;
import java.io.Closeable;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.locationtech.jts.geom.Polygon;
import org.stegokernels.export.ObjectMap.Measures;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.RgbImage;

/**
 * One format, on its way into a folder. Every file is written to a temporary name and renamed. For use by one thread at a
 * time; the order of the pictures is that of what all of them share.
 */
public interface ExportFormat extends Closeable {
    /**
     * Writes the files of one picture, and keeps what {@link #finish} needs of it, not in memory.
     *
     * @throws IOException if a file can't be written; the message names it and what to do
     */
    void add(Picture picture) throws IOException;

    /** Writes the files that all pictures share; after the last one. */
    default void finish() throws IOException {}

    /** Frees what is kept. Without {@link #finish} before, the files that all pictures share are not written. */
    @Override
    default void close() throws IOException {}

    /**
     * Settings of exporters; each takes those that concern it.
     *
     * @param categories the classes of the model
     * @param tolerance of polygons in pixels, see {@link Polygons#of}
     * @param cutout the id of the class that is cut out, or -1
     * @param imageRoot what stands before the names of photographs in the tasks of Label Studio
     * @param model a name of the model, for tools that show it
     */
    public record Settings(List<Category> categories, double tolerance, int cutout, String imageRoot, String model) {
        /** Where Label Studio finds photographs in its local storage. */
        public static final String LOCAL_FILES = "/data/local-files/?d=";

        /**
         * Checks the settings.
         *
         * @throws IllegalArgumentException if two classes have one id, the one to cut out isn't among them, or the tolerance is
         *     no length
         */
        public Settings {
            Polygons.requireTolerance(tolerance);
            categories = List.copyOf(categories);
            Category[] byId = Category.byId(categories);
            if (cutout != -1 && (cutout < 0 || cutout >= byId.length || byId[cutout] == null)) {
                throw new IllegalArgumentException("there is no class " + cutout + " to cut out");
            }
        }

        /** Returns the usual settings for the classes of a model. */
        public static Settings of(List<Category> categories) {
            return new Settings(categories, Polygons.DEFAULT_TOLERANCE, -1, LOCAL_FILES, "stego-kernels");
        }

        /** Returns these settings with another deviation of polygons from the outlines. */
        public Settings withTolerance(double pixels) {
            return new Settings(categories, pixels, cutout, imageRoot, model);
        }

        /** Returns these settings with another class to cut out, -1 for none. */
        public Settings withCutout(int classId) {
            return new Settings(categories, tolerance, classId, imageRoot, model);
        }

        /** Returns these settings with another place of the photographs. */
        public Settings withImageRoot(String root) {
            return new Settings(categories, tolerance, cutout, root, model);
        }

        /** Returns these settings with another name of the model. */
        public Settings withModel(String name) {
            return new Settings(categories, tolerance, cutout, imageRoot, name);
        }
    }

    /**
     * One class of a label map.
     *
     * @param id its label, 0 to 254
     * @param name what it is called
     * @param rgb its colour, {@code 0xRRGGBB}
     */
    public record Category(int id, String name, int rgb) {
        /**
         * Checks the id.
         *
         * @throws IllegalArgumentException if the id is none of a class
         */
        public Category {
            if (id < 0 || id >= LabelMap.IGNORE) {
                throw new IllegalArgumentException("a class with the id " + id + "; ids are 0 to 254");
            }
        }

        /**
         * Returns the classes by their ids, null where there is none: [256].
         *
         * @throws IllegalArgumentException if two have one id
         */
        static Category[] byId(List<Category> categories) {
            Category[] byId = new Category[LabelMap.IGNORE + 1];
            Set<Integer> seen = new HashSet<>();
            for (Category category : categories) {
                if (!seen.add(category.id())) {
                    throw new IllegalArgumentException("two classes with the id " + category.id());
                }
                byId[category.id()] = category;
            }
            return byId;
        }

        /** Returns the colours by the ids; black where there is no class. */
        static Palette palette(List<Category> categories) {
            int size = 1;
            for (Category category : categories) {
                size = Math.max(size, category.id() + 1);
            }
            int[] colors = new int[size];
            for (Category category : categories) {
                colors[category.id()] = category.rgb();
            }
            return new Palette(colors);
        }
    }

    /**
     * One segmented picture, as exporters take it. Its objects and polygons are found when an exporter first asks for them, and
     * kept for the next one. For use by one thread at a time.
     */
    public static final class Picture {
        private final String name;
        private final String file;
        private final int width;
        private final int height;
        private LabelMap labels;
        private RgbImage photograph;
        private float[] confidence;
        private Placement placement;

        private ObjectMap objects;
        private List<Measures> measures;
        private List<Polygon> polygons;
        private double tolerance;

        /**
         * Makes a picture of its labels alone.
         *
         * @param name of its results without ending, in folders if there are slashes in it: {@code holidays/beach}
         * @param file of the photograph as other tools are to find it: {@code holidays/beach.jpg}
         */
        public Picture(String name, String file, LabelMap labels) {
            this.name = name;
            this.file = file;
            this.labels = labels;
            width = labels.width();
            height = labels.height();
        }

        /**
         * Makes a picture of which the labels were never in memory as a whole. Only the cut-out puts them together.
         *
         * @param name as in {@link #Picture(String, String, LabelMap)}
         * @param objects made row by row, with confidence if it is known
         */
        public Picture(String name, String file, ObjectMap objects) {
            this.name = name;
            this.file = file;
            this.objects = objects;
            width = objects.width();
            height = objects.height();
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

            /**
             * Returns the name of the reference system, as {@code urn:ogc:def:crs:EPSG::32633}; empty if it has none, null
             * for WGS 84, the only one of RFC 7946.
             */
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
            if (image.width() != width || image.height() != height) {
                throw new IllegalArgumentException("a photograph of " + image.width() + "x" + image.height()
                        + " with labels of " + width + "x" + height);
            }
            photograph = image;
            return this;
        }

        /**
         * Adds how sure the model is of each pixel; before the objects are asked for, which have it, too.
         *
         * @param values 0 to 1, [height, width]; not copied
         * @throws IllegalArgumentException if there are more or fewer than pixels
         * @throws IllegalStateException if the objects are there already
         */
        public Picture withConfidence(float[] values) {
            if (values.length != (long) width * height) {
                throw new IllegalArgumentException(
                        values.length + " confidences don't fit a picture of " + width + "x" + height);
            }
            if (objects != null) {
                throw new IllegalStateException("the objects of " + name + " were made without their confidence");
            }
            confidence = values;
            return this;
        }

        /** Adds where the picture lies on the ground. */
        public Picture withPlacement(Placement place) {
            placement = place;
            return this;
        }

        /** Returns the name that the files of the picture begin with, with slashes. */
        public String name() {
            return name;
        }

        /** Returns the path of the photograph, as the files name it. */
        public String file() {
            return file;
        }

        /** Returns the width in pixels. */
        public int width() {
            return width;
        }

        /** Returns the height in pixels. */
        public int height() {
            return height;
        }

        /** Returns the class of each pixel. */
        public LabelMap labels() {
            if (labels == null) {
                labels = objects.labels();
            }
            return labels;
        }

        /** Copies the class of each pixel of a row into the start of an array. */
        void row(int y, byte[] target) {
            if (labels == null) {
                objects.row(y, target, 0);
            } else {
                System.arraycopy(labels.labels(), y * width, target, 0, width);
            }
        }

        /** Returns the highest label that there is; {@link LabelMap#IGNORE} if a pixel has no class. */
        int highestLabel() {
            ObjectMap found = objects();
            int highest = 0;
            long labelled = 0;
            for (int object = 0; object < found.count(); object++) {
                highest = Math.max(highest, found.classOf(object));
            }
            for (int area : found.areas()) {
                labelled += area;
            }
            return labelled < (long) width * height ? LabelMap.IGNORE : highest;
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
                objects = ObjectMap.of(labels, confidence);
            }
            return objects;
        }

        /**
         * Returns the mask of each class that has pixels, by its id, as the compressed runs of COCO: what pycocotools takes
         * for {@code counts}, with {@code size} = [height, width].
         */
        public Map<Integer, String> masks() {
            ObjectMap byClass = objects().byClass();
            CocoRle runs = CocoRle.of(byClass);
            Map<Integer, String> masks = new TreeMap<>();
            for (int each = 0; each < byClass.count(); each++) {
                masks.put(byClass.classOf(each), runs.counts(each));
            }
            return masks;
        }

        /** Returns the measures of the objects. */
        public List<Measures> measures() {
            if (measures == null) {
                measures = objects().measure();
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
}
