package org.stegokernels.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.image.ImageFolder;
import org.stegokernels.image.LabelMap;

/**
 * COCO-Stuff 164k. Images are those of the published lists, {@code curated/SPLIT2017/*.txt}, where these are there, else
 * all in the folder. Fine ids 0 to 181 become 27 coarse classes, of which some variants keep a part.
 */
final class CocoStuffLayout {
    /** The first of the 27 classes that is stuff. */
    private static final int FIRST_STUFF = 12;

    private static final int[] THREE = {23, 22, 21};
    private static final Map<String, List<String>> FOLDERS = Map.of(
            "train", List.of("train2017"), "val", List.of("val2017"), "train+val", List.of("train2017", "val2017"));

    private CocoStuffLayout() {}

    static Layouts.Split find(Dataset.Settings settings) {
        Path root = Layouts.root(settings.root(), "cocostuff");
        List<String> folders = FOLDERS.get(settings.split());
        if (folders == null) {
            throw new DatasetException(root, "it has no split " + settings.split(), "choose train, val or train+val");
        }
        boolean labelled = folders.stream()
                .allMatch(
                        folder -> Files.isDirectory(root.resolve("annotations").resolve(folder)));
        List<Dataset.Example> examples = new ArrayList<>();
        List<ImageFolder.LeftOut> leftOut = new ArrayList<>();
        for (String folder : folders) {
            Path images = root.resolve("images").resolve(folder);
            Path annotations = root.resolve("annotations").resolve(folder);
            Path list = root.resolve("curated").resolve(folder).resolve(list(settings));
            if (Files.exists(list)) {
                add(listed(images, list), labelled ? annotations : null, examples);
            } else {
                ImageFolder found = Layouts.files(Layouts.split(root.resolve("images"), folder), file -> true);
                add(all(images, found), labelled ? annotations : null, examples);
                leftOut.addAll(found.leftOut());
            }
        }
        return new Layouts.Split(root, examples, leftOut, labelled, classes(settings.kind()), classOf(settings.kind()));
    }

    private static String list(Dataset.Settings settings) {
        return switch (settings.kind()) {
            case COCOSTUFF3 -> "Coco164kFew_Stuff_6.txt";
            case COCOSTUFF15 -> "Coco164kFull_Stuff_Coarse_7.txt";
            default ->
                settings.split().equals("val") ? "Coco164kFull_Stuff_Coarse_7.txt" : "Coco164kFull_Stuff_Coarse.txt";
        };
    }

    private static Map<String, Path> listed(Path images, Path list) {
        Map<String, Path> chosen = new LinkedHashMap<>();
        for (String id : Layouts.ids(list)) {
            Path image = images.resolve(id + ".jpg");
            Layouts.requireFile(image, list);
            chosen.put(id, image);
        }
        return chosen;
    }

    private static Map<String, Path> all(Path images, ImageFolder found) {
        Map<String, Path> chosen = new LinkedHashMap<>();
        for (Path file : found.files()) {
            String name = file.getFileName().toString();
            chosen.put(name.substring(0, name.lastIndexOf('.')), images.resolve(file));
        }
        return chosen;
    }

    /** @param annotations the folder of the label maps; null if there is none */
    private static void add(Map<String, Path> chosen, Path annotations, List<Dataset.Example> examples) {
        chosen.forEach((id, image) -> {
            Path labels = annotations == null ? null : annotations.resolve(id + ".png");
            if (labels != null && !Files.exists(labels)) {
                throw Layouts.missingLabels(image, labels);
            }
            examples.add(new Dataset.Example(id, image, labels));
        });
    }

    private static DatasetClasses classes(Dataset.Kind kind) {
        return DatasetClasses.resource(
                switch (kind) {
                    case COCOSTUFF3 -> "cocostuff3.txt";
                    case COCOSTUFF15 -> "cocostuff15.txt";
                    default -> "cocostuff27.txt";
                });
    }

    private static int[] classOf(Dataset.Kind kind) {
        int[] coarse = Layouts.numbers("cocostuff-fine-to-coarse.txt");
        return Layouts.Split.table(id -> id < coarse.length ? kept(kind, coarse[id]) : Layouts.Split.UNKNOWN);
    }

    private static int kept(Dataset.Kind kind, int coarse) {
        if (kind == Dataset.Kind.COCOSTUFF15) {
            return coarse < FIRST_STUFF ? LabelMap.IGNORE : coarse - FIRST_STUFF;
        }
        if (kind == Dataset.Kind.COCOSTUFF3) {
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
