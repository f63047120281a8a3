package org.stegokernels.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import java.util.stream.Stream;
import org.stegokernels.data.Dataset;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say where a dataset lies. */
final class DataFolder {
    static final class Layouts extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Layouts() {
            Stream.of(Dataset.Kind.values())
                    .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                    .forEach(this::add);
        }
    }

    @Option(
            names = {"-d", "--data"},
            paramLabel = "DIR",
            order = 2,
            required = true,
            description = "Folder of the dataset: photographs, or imgs/SPLIT with or without labels/SPLIT, or"
                    + " Cityscapes, COCO-Stuff or Potsdam.")
    private Path root;

    @Option(
            names = "--layout",
            paramLabel = "NAME",
            order = 3,
            completionCandidates = Layouts.class,
            description = "How the folder is laid out: ${COMPLETION-CANDIDATES}. Default: what it looks like.")
    private Dataset.Kind layout;

    @Mixin
    private LimitSelection limits;

    Path root() {
        return root;
    }

    /** Returns whole images of a split. */
    Dataset.Settings settings(String split) {
        return Dataset.Settings.of(layout == null ? Dataset.Kind.detect(root) : layout, root, split)
                .withLimits(limits.limits());
    }
}
