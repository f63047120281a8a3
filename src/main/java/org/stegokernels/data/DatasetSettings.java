package org.stegokernels.data;

import java.nio.file.Path;
import java.util.Objects;
import org.stegokernels.image.ImageLimits;

/**
 * Which images.
 *
 * @param root the folder of the dataset; for the named ones also the folder above, if it has the published name
 * @param split {@code train}, {@code val} or what else the layout has; without meaning for {@link DatasetKind#FOLDER}
 * @param cropRatio sides of a crop as part of the image's, above 0 and up to 1; the published one is 0.5
 * @param classes how many classes a {@link DatasetKind#DIRECTORY} has, or 0 for what its {@code classes.txt} says
 * @param limits of its pictures and label maps
 */
public record DatasetSettings(
        DatasetKind kind, Path root, String split, CropKind crop, double cropRatio, int classes, ImageLimits limits) {
    public static final double PUBLISHED_CROP_RATIO = 0.5;
    /** Labels are bytes, and one of them means ignored. */
    public static final int MAX_CLASSES = 255;

    /** @throws IllegalArgumentException if ratio or number of classes are out of range */
    public DatasetSettings {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(root);
        Objects.requireNonNull(split);
        Objects.requireNonNull(crop);
        Objects.requireNonNull(limits);
        if (!(cropRatio > 0 && cropRatio <= 1)) {
            throw new IllegalArgumentException("the crop ratio must be above 0 and at most 1, not " + cropRatio);
        }
        if (classes < 0 || classes > MAX_CLASSES) {
            throw new IllegalArgumentException("there may be 0 to " + MAX_CLASSES + " classes, not " + classes);
        }
    }

    /** Whole images, and as many classes as the dataset says. */
    public static DatasetSettings of(DatasetKind kind, Path root, String split) {
        return new DatasetSettings(kind, root, split, CropKind.NONE, PUBLISHED_CROP_RATIO, 0, ImageLimits.DEFAULT);
    }

    public DatasetSettings withCrop(CropKind newCrop, double newRatio) {
        return new DatasetSettings(kind, root, split, newCrop, newRatio, classes, limits);
    }

    public DatasetSettings withClasses(int newClasses) {
        return new DatasetSettings(kind, root, split, crop, cropRatio, newClasses, limits);
    }

    public DatasetSettings withSplit(String newSplit) {
        return new DatasetSettings(kind, root, newSplit, crop, cropRatio, classes, limits);
    }

    public DatasetSettings withLimits(ImageLimits newLimits) {
        return new DatasetSettings(kind, root, split, crop, cropRatio, classes, newLimits);
    }
}
