package org.stegokernels.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.stegokernels.image.ImageFolder;
import org.stegokernels.image.LabelMap;

/**
 * What a layout finds: the whole images of a split, and what the ids in its label files mean.
 *
 * @param root the folder of the dataset itself
 * @param examples in their fixed order
 * @param leftOut images that can't be used, and folders that can't be looked into
 * @param labelled whether the split has label maps, though single images may have none
 * @param classOf 256 entries: the class of each id, {@link LabelMap#IGNORE}, or {@link #UNKNOWN}
 */
record Split(
        Path root,
        List<Example> examples,
        List<ImageFolder.LeftOut> leftOut,
        boolean labelled,
        DatasetClasses classes,
        int[] classOf) {
    static final int UNKNOWN = -1;

    /** The table of a function, with 255 ignored whatever it says. */
    static int[] table(IntUnaryOperator classOf) {
        int[] table = new int[256];
        Arrays.setAll(table, id -> id == LabelMap.IGNORE ? LabelMap.IGNORE : classOf.applyAsInt(id));
        return table;
    }
}
