package org.stegokernels.export;

import java.util.List;

/**
 * Settings of exporters; each takes those that concern it.
 *
 * @param categories the classes of the model
 * @param tolerance of polygons in pixels, see {@link Polygons#of}
 * @param cutout the id of the class that is cut out, or -1
 * @param imageRoot what stands before the names of photographs in the tasks of Label Studio
 * @param model a name of the model, for tools that show it
 */
public record ExportSettings(List<Category> categories, double tolerance, int cutout, String imageRoot, String model) {
    /** Where Label Studio finds photographs in its local storage. */
    public static final String LOCAL_FILES = "/data/local-files/?d=";

    /**
     * @throws IllegalArgumentException if two classes have one id, the one to cut out isn't among them, or the tolerance is
     *     no length
     */
    public ExportSettings {
        Polygons.requireTolerance(tolerance);
        categories = List.copyOf(categories);
        Category[] byId = Category.byId(categories);
        if (cutout != -1 && (cutout < 0 || cutout >= byId.length || byId[cutout] == null)) {
            throw new IllegalArgumentException("there is no class " + cutout + " to cut out");
        }
    }

    /** Returns the usual settings for the classes of a model. */
    public static ExportSettings of(List<Category> categories) {
        return new ExportSettings(categories, Polygons.DEFAULT_TOLERANCE, -1, LOCAL_FILES, "stego-kernels");
    }

    public ExportSettings withTolerance(double pixels) {
        return new ExportSettings(categories, pixels, cutout, imageRoot, model);
    }

    public ExportSettings withCutout(int classId) {
        return new ExportSettings(categories, tolerance, classId, imageRoot, model);
    }

    public ExportSettings withImageRoot(String root) {
        return new ExportSettings(categories, tolerance, cutout, root, model);
    }

    public ExportSettings withModel(String name) {
        return new ExportSettings(categories, tolerance, cutout, imageRoot, name);
    }
}
