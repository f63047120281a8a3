package org.stegokernels.cli;

import org.stegokernels.data.Dataset;
import org.stegokernels.data.Dataset.CropKind;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which images of a dataset. */
final class DatasetSelection {
    @Mixin
    private DataFolder folder;

    @Option(
            names = "--split",
            paramLabel = "NAME",
            order = 4,
            defaultValue = "train",
            description = "Which part of it. Default: ${DEFAULT-VALUE}.")
    private String split;

    @Option(
            names = "--crop",
            paramLabel = "KIND",
            order = 5,
            description = "none, five (corners and middle) or random (five). Default: none; for 'crop', five.")
    private CropKind crop;

    @Option(
            names = "--crop-ratio",
            paramLabel = "R",
            order = 6,
            defaultValue = "0.5",
            description = "Sides of a crop as part of the image's. Default: ${DEFAULT-VALUE}.")
    private double cropRatio;

    @Option(
            names = "--classes",
            paramLabel = "N",
            order = 7,
            defaultValue = "0",
            description = "How many classes the labels of a directory have, where it has no classes.txt.")
    private int classes;

    /** @throws UsageException if the options can't be right */
    Dataset.Settings settings(CropKind defaultCrop) {
        try {
            return folder.settings(split)
                    .withCrop(crop == null ? defaultCrop : crop, cropRatio)
                    .withClasses(classes);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    /** @throws UsageException if there is no such dataset, or it is not complete */
    Dataset open(CropKind defaultCrop) {
        return UsageException.reading(() -> Dataset.open(settings(defaultCrop)));
    }
}
