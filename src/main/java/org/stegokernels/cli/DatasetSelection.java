package org.stegokernels.cli;

import java.nio.file.Path;
import org.stegokernels.data.CropKind;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.DatasetException;
import org.stegokernels.data.DatasetKind;
import org.stegokernels.data.DatasetSettings;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The argument and options that say which images of a dataset. */
final class DatasetSelection {
    @Parameters(
            paramLabel = "DATASET",
            description = "Folder of a dataset: photographs, imgs/SPLIT with or without labels/SPLIT, Cityscapes,"
                    + " COCO-Stuff or Potsdam.")
    private Path root;

    @Option(
            names = "--dataset",
            paramLabel = "KIND",
            order = 3,
            description = "directory, folder, cityscapes, cocostuff27, cocostuff15, cocostuff3, potsdam or potsdamraw."
                    + " Default: what it looks like.")
    private DatasetKind kind;

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
    DatasetSettings settings(CropKind defaultCrop) {
        try {
            return new DatasetSettings(
                    kind == null ? DatasetKind.detect(root) : kind,
                    root,
                    split,
                    crop == null ? defaultCrop : crop,
                    cropRatio,
                    classes);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    /** @throws UsageException if there is no such dataset, or it is not complete */
    Dataset open(CropKind defaultCrop) {
        try {
            return Dataset.open(settings(defaultCrop));
        } catch (DatasetException e) {
            throw new UsageException(e.getMessage());
        }
    }
}
