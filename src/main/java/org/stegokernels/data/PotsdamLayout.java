package org.stegokernels.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.stegokernels.data.Dataset.DatasetException;

/** ISPRS Potsdam as the published code has it: tiles in MATLAB files, six ids in pairs. */
final class PotsdamLayout {
    private static final Map<String, List<String>> LISTS = Map.of(
            "train", List.of("labelled_train.txt"),
            "unlabelled_train", List.of("unlabelled_train.txt"),
            "val", List.of("labelled_test.txt"),
            "train+val", List.of("labelled_train.txt", "labelled_test.txt"),
            "all", List.of("all.txt"));
    /** Their tiles need no labels. */
    private static final Set<String> PARTLY_LABELLED = Set.of("unlabelled_train", "all");
    /** Roads and cars; buildings and clutter; vegetation and trees. */
    private static final int[] CLASS_OF = {0, 1, 2, 2, 0, 1};

    private static final int RAW_IMAGES = 38;
    private static final int RAW_SIDE = 15;

    private PotsdamLayout() {}

    static Layouts.Split find(Dataset.Settings settings) {
        Path root = Layouts.root(settings.root(), "potsdam");
        List<String> lists = LISTS.get(settings.split());
        if (lists == null) {
            throw new DatasetException(
                    root,
                    "it has no split " + settings.split(),
                    "choose train, val, train+val, unlabelled_train or all");
        }
        List<Dataset.Example> examples = new ArrayList<>();
        for (String name : lists) {
            for (String id : Layouts.ids(root.resolve(name))) {
                Layouts.requireFile(image(root, id), root.resolve(name));
                examples.add(example(root, id, PARTLY_LABELLED.contains(settings.split())));
            }
        }
        return split(root, examples);
    }

    /** Has no splits: all tiles that are there. */
    static Layouts.Split findRaw(Dataset.Settings settings) {
        Path root = raw(settings.root());
        List<Dataset.Example> examples = new ArrayList<>();
        for (int tile = 0; tile < RAW_IMAGES * RAW_SIDE * RAW_SIDE; tile++) {
            String id = tile / (RAW_SIDE * RAW_SIDE) + "_" + tile / RAW_SIDE % RAW_SIDE + "_" + tile % RAW_SIDE;
            if (Files.exists(image(root, id))) {
                examples.add(example(root, id, true));
            }
        }
        if (examples.isEmpty()) {
            throw new DatasetException(
                    root.resolve("imgs"),
                    "there are no files like 0_0_0.mat",
                    "check the kind of dataset and its path");
        }
        return split(root, examples);
    }

    static Path raw(Path root) {
        return Layouts.root(Layouts.root(root, "potsdamraw"), "processed");
    }

    private static Path image(Path root, String id) {
        return root.resolve("imgs").resolve(id + ".mat");
    }

    private static Dataset.Example example(Path root, String id, boolean mayLackLabels) {
        Path labels = root.resolve("gt").resolve(id + ".mat");
        boolean labelled = Files.exists(labels);
        if (!labelled && !mayLackLabels) {
            throw Layouts.missingLabels(image(root, id), labels);
        }
        return new Dataset.Example(id, image(root, id), labelled ? labels : null);
    }

    private static Layouts.Split split(Path root, List<Dataset.Example> examples) {
        boolean labelled = examples.stream().anyMatch(example -> example.labels() != null);
        int[] classOf = Layouts.Split.table(id -> id < CLASS_OF.length ? CLASS_OF[id] : Layouts.Split.UNKNOWN);
        return new Layouts.Split(root, examples, List.of(), labelled, DatasetClasses.resource("potsdam.txt"), classOf);
    }
}
