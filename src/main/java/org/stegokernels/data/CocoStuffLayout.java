package org.stegokernels.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;

/**
 * COCO-Stuff 164k. Images are those of the published lists, {@code curated/SPLIT2017/*.txt}, where these are there, else
 * all in the folder. Fine ids 0 to 181 become 27 coarse classes, of which some variants keep a part.
 */
final class CocoStuffLayout {
    /** Of the 27 classes. */
    private static final int FIRST_STUFF = 12;

    private static final int[] THREE = {23, 22, 21};
    private static final Map<String, List<String>> FOLDERS = Map.of(
            "train", List.of("train2017"), "val", List.of("val2017"), "train+val", List.of("train2017", "val2017"));

    private CocoStuffLayout() {}

    static Split find(DatasetSettings settings) {
        Path root = Layouts.root(settings.root(), "cocostuff");
        List<String> folders = FOLDERS.get(settings.split());
        if (folders == null) {
            throw new DatasetException(root, "it has no split " + settings.split(), "choose train, val or train+val");
        }
        boolean labelled = folders.stream()
                .allMatch(
                        folder -> Files.isDirectory(root.resolve("annotations").resolve(folder)));
        List<Example> examples = new ArrayList<>();
        for (String folder : folders) {
            add(root, folder, list(settings), labelled, examples);
        }
        return new Split(root, examples, labelled, classes(settings.kind()), classOf(settings.kind()));
    }

    private static String list(DatasetSettings settings) {
        return switch (settings.kind()) {
            case COCOSTUFF3 -> "Coco164kFew_Stuff_6.txt";
            case COCOSTUFF15 -> "Coco164kFull_Stuff_Coarse_7.txt";
            default ->
                settings.split().equals("val") ? "Coco164kFull_Stuff_Coarse_7.txt" : "Coco164kFull_Stuff_Coarse.txt";
        };
    }

    private static void add(Path root, String folder, String listName, boolean labelled, List<Example> examples) {
        Path images = root.resolve("images").resolve(folder);
        Path annotations = root.resolve("annotations").resolve(folder);
        Path list = root.resolve("curated").resolve(folder).resolve(listName);
        Map<String, Path> chosen = new LinkedHashMap<>();
        if (Files.exists(list)) {
            for (String id : Layouts.ids(list)) {
                Path image = images.resolve(id + ".jpg");
                Layouts.requireFile(image, list);
                chosen.put(id, image);
            }
        } else {
            Layouts.split(root.resolve("images"), folder);
            for (Path file : Layouts.files(images, ImageReader::hasImageExtension)) {
                String name = file.getFileName().toString();
                chosen.put(name.substring(0, name.lastIndexOf('.')), images.resolve(file));
            }
        }
        chosen.forEach((id, image) -> {
            Path labels = annotations.resolve(id + ".png");
            if (labelled && !Files.exists(labels)) {
                throw Layouts.missingLabels(image, labels);
            }
            examples.add(new Example(id, image, labelled ? labels : null));
        });
    }

    private static DatasetClasses classes(DatasetKind kind) {
        return DatasetClasses.resource(
                switch (kind) {
                    case COCOSTUFF3 -> "cocostuff3.txt";
                    case COCOSTUFF15 -> "cocostuff15.txt";
                    default -> "cocostuff27.txt";
                });
    }

    private static int[] classOf(DatasetKind kind) {
        int[] coarse = Layouts.numbers("cocostuff-fine-to-coarse.txt");
        return Split.table(id -> id < coarse.length ? kept(kind, coarse[id]) : Split.UNKNOWN);
    }

    private static int kept(DatasetKind kind, int coarse) {
        if (kind == DatasetKind.COCOSTUFF15) {
            return coarse < FIRST_STUFF ? LabelMap.IGNORE : coarse - FIRST_STUFF;
        }
        if (kind == DatasetKind.COCOSTUFF3) {
            for (int i = 0; i < THREE.length; i++) {
                if (THREE[i] == coarse) {
                    return i;
                }
            }
            return LabelMap.IGNORE;
        }
        return coarse;
    }
}
