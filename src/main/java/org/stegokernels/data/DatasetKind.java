package org.stegokernels.data;

import java.nio.file.Files;
import java.nio.file.Path;

/** The layouts of files that can be read: those of the published code (its {@code src/data.py}), and plain folders. */
public enum DatasetKind {
    /** {@code imgs/SPLIT/NAME.*}, and if there are labels {@code labels/SPLIT/NAME.png} with class indices. */
    DIRECTORY,
    /** All photographs below a folder, without labels and splits. */
    FOLDER,
    /** {@code leftImg8bit/SPLIT/CITY/*_leftImg8bit.png} and {@code gtFine/SPLIT/CITY/*_gtFine_labelIds.png}; 27 classes. */
    CITYSCAPES,
    /** {@code images/SPLIT2017}, {@code annotations/SPLIT2017} with 182 fine ids; 27 coarse classes. */
    COCOSTUFF27,
    /** The 15 of those classes that are stuff; things are ignored. */
    COCOSTUFF15,
    /** Sky, plant and ground; all else is ignored. */
    COCOSTUFF3,
    /** {@code imgs/ID.mat}, {@code gt/ID.mat} and lists of ids; 3 classes. */
    POTSDAM,
    /** {@code imgs/IMAGE_ROW_COLUMN.mat} and {@code gt} likewise; 3 classes. */
    POTSDAMRAW;

    /** The layout that a folder seems to have, {@link #FOLDER} if it looks like none of the others. */
    public static DatasetKind detect(Path root) {
        if (Files.isDirectory(Layouts.root(root, "cityscapes").resolve("leftImg8bit"))) {
            return CITYSCAPES;
        }
        if (Files.exists(Layouts.root(root, "potsdam").resolve("labelled_train.txt"))) {
            return POTSDAM;
        }
        Path coco = Layouts.root(root, "cocostuff").resolve("images");
        if (Files.isDirectory(coco.resolve("train2017")) || Files.isDirectory(coco.resolve("val2017"))) {
            return COCOSTUFF27;
        }
        if (Files.exists(PotsdamLayout.raw(root).resolve("imgs").resolve("0_0_0.mat"))) {
            return POTSDAMRAW;
        }
        return Files.isDirectory(root.resolve("imgs")) ? DIRECTORY : FOLDER;
    }
}
