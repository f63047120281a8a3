package org.stegokernels.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.image.ImageFolder;
import org.stegokernels.image.LabelMap;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.InnerPath;
import org.stegokernels.io.RegularFile.TextFile;

/** Finds the images and label maps of a split; the layouts are those of the published {@code src/data.py}. */
final class Layouts {
    private static final String PHOTOGRAPHS = "put JPEG, PNG, WebP, TIFF, BMP or GIF files there";
    private static final String LABEL_MAPS = "put label maps there, a PNG for each image with the class of each pixel";
    private static final String IMAGE_SUFFIX = "_leftImg8bit.png";
    private static final String LABEL_SUFFIX = "_gtFine_labelIds.png";
    /** Ids below are void in Cityscapes. */
    private static final int FIRST_NONVOID = 7;

    /** COCO has a hundred thousand images, which its lists name in 13 bytes each. */
    private static final int MAX_LIST_BYTES = 1 << 26;

    private Layouts() {}

    static Split find(Dataset.Settings settings) {
        if (!Files.isDirectory(settings.root())) {
            boolean exists = Files.exists(settings.root());
            throw new DatasetException(
                    settings.root(), exists ? "is not a folder" : "there is no such folder", "check the path");
        }
        if (settings.labels() != null) {
            return someLabelled(settings);
        }
        return switch (settings.kind()) {
            case DIRECTORY -> directory(settings);
            case FOLDER -> folder(settings);
            case CITYSCAPES -> cityscapes(settings);
            case COCOSTUFF27, COCOSTUFF15, COCOSTUFF3 -> CocoStuffLayout.find(settings);
            case POTSDAM -> PotsdamLayout.find(settings);
            case POTSDAMRAW -> PotsdamLayout.findRaw(settings);
        };
    }

    /** Returns the folder of a dataset: {@code root}, or the one of the published name in it. */
    static Path root(Path root, String publishedName) {
        Path inside = root.resolve(publishedName);
        return Files.isDirectory(inside) ? inside : root;
    }

    private static Split directory(Dataset.Settings settings) {
        Path root = settings.root();
        Path images = split(root.resolve("imgs"), settings.split());
        Path labels = root.resolve("labels");
        ImageFolder found = files(images, file -> true);
        Map<String, Path> imageFiles = byId(images, found);
        boolean labelled = Files.isDirectory(labels);
        Map<String, Path> labelFiles = labelled ? labelFiles(split(labels, settings.split())) : Map.of();
        List<Dataset.Example> examples = new ArrayList<>();
        imageFiles.forEach((id, image) -> {
            Path label = labelFiles.get(id);
            if (labelled && label == null) {
                throw missingLabels(image, labels.resolve(settings.split()).resolve(id + ".png"));
            }
            examples.add(new Dataset.Example(id, image, label));
        });
        DatasetClasses classes = directoryClasses(settings, labelled);
        int[] classOf = Split.table(id -> id < classes.count() ? id : Split.UNKNOWN);
        return new Split(root, examples, found.leftOut(), labelled, classes, classOf);
    }

    private static DatasetClasses directoryClasses(Dataset.Settings settings, boolean labelled) {
        Path file = settings.root().resolve(DatasetClasses.FILE);
        if (!Files.exists(file)) {
            if (settings.classes() == 0 && labelled) {
                throw new DatasetException(
                        settings.root(),
                        "how many classes its labels have is not known",
                        "say how many, or list them in " + file + " as NAME RED GREEN BLUE");
            }
            return settings.classes() == 0 ? DatasetClasses.NONE : DatasetClasses.numbered(settings.classes());
        }
        return listed(settings, file);
    }

    private static DatasetClasses listed(Dataset.Settings settings, Path file) {
        DatasetClasses classes = DatasetClasses.read(file);
        if (settings.classes() != 0 && settings.classes() != classes.count()) {
            throw new DatasetException(
                    file,
                    "it lists " + classes.count() + " classes, " + settings.classes() + " were asked for",
                    "correct the one or the other");
        }
        return classes;
    }

    /**
     * Finds the images that have a label map in a folder of their own. A label map without image is left out. Where no list
     * says which classes there are, the label maps do.
     */
    private static Split someLabelled(Dataset.Settings settings) {
        Path root = settings.root();
        Path labels = settings.labels();
        if (!Files.isDirectory(labels)) {
            throw new DatasetException(labels, "there is no such folder with label maps", "check the path");
        }
        Path images = settings.kind() == Dataset.Kind.DIRECTORY ? split(root.resolve("imgs"), settings.split()) : root;
        ImageFolder found = files(images, file -> !images.resolve(file).startsWith(labels));
        Map<String, Path> imageFiles = byId(images, found);
        ImageFolder maps = files(labels, file -> true, LABEL_MAPS);
        List<ImageFolder.LeftOut> leftOut = new ArrayList<>(maps.leftOut());
        List<Dataset.Example> examples = new ArrayList<>();
        byId(labels, maps).forEach((id, map) -> {
            Path image = imageFiles.get(id);
            if (image == null) {
                leftOut.add(new ImageFolder.LeftOut(
                        map,
                        "no image in " + images + " is called " + id + "; give it the name of its image",
                        List.of()));
            } else {
                examples.add(new Dataset.Example(id, image, map));
            }
        });
        if (examples.isEmpty()) {
            throw new DatasetException(
                    labels, "no label map has the name of an image in " + images, "call it NAME.png for NAME.jpg");
        }
        DatasetClasses classes =
                listed(settings, labels.resolve(DatasetClasses.FILE), root.resolve(DatasetClasses.FILE));
        if (classes == null || !classes.hasOwnColors()) {
            List<Path> files = examples.stream().map(Dataset.Example::labels).toList();
            classes = LabelReader.classes(files, classes, settings.limits());
        }
        return new Split(root, examples, leftOut, true, classes, new int[0]);
    }

    /** Returns the classes of the first list that is there, or as many as the settings say; null if nothing says it. */
    private static DatasetClasses listed(Dataset.Settings settings, Path... lists) {
        for (Path list : lists) {
            if (Files.exists(list)) {
                return listed(settings, list);
            }
        }
        return settings.classes() == 0 ? null : DatasetClasses.numbered(settings.classes());
    }

    private static Split folder(Dataset.Settings settings) {
        List<Dataset.Example> examples = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        ImageFolder found = files(settings.root(), file -> true);
        for (Path file : found.files()) {
            String id = id(ImageFolder.withoutExtension(file));
            id = taken.add(id) ? id : id(file);
            examples.add(new Dataset.Example(id, settings.root().resolve(file), null));
        }
        DatasetClasses classes =
                settings.classes() == 0 ? DatasetClasses.NONE : DatasetClasses.numbered(settings.classes());
        return new Split(settings.root(), examples, found.leftOut(), false, classes, new int[0]);
    }

    private static Split cityscapes(Dataset.Settings settings) {
        Path root = root(settings.root(), "cityscapes");
        Path images = split(root.resolve("leftImg8bit"), settings.split());
        Path labels = root.resolve("gtFine").resolve(settings.split());
        boolean labelled = Files.isDirectory(labels);
        List<Dataset.Example> examples = new ArrayList<>();
        ImageFolder found = files(images, file -> file.toString().endsWith(IMAGE_SUFFIX));
        for (Path file : found.files()) {
            String stem = id(file).substring(0, id(file).length() - IMAGE_SUFFIX.length());
            Path label = labels.resolve(stem + LABEL_SUFFIX);
            if (labelled && !Files.exists(label)) {
                throw missingLabels(images.resolve(file), label);
            }
            examples.add(new Dataset.Example(stem, images.resolve(file), labelled ? label : null));
        }
        DatasetClasses classes = DatasetClasses.resource("cityscapes.txt");
        int[] classOf = Split.table(id -> id < FIRST_NONVOID
                ? LabelMap.IGNORE
                : id - FIRST_NONVOID < classes.count() ? id - FIRST_NONVOID : Split.UNKNOWN);
        return new Split(root, examples, found.leftOut(), labelled, classes, classOf);
    }

    static DatasetException missingLabels(Path image, Path labels) {
        return new DatasetException(
                image, "it has no label map", "add " + labels + ", or take the image out of the split");
    }

    /** Returns the folder of a split. */
    static Path split(Path folder, String split) {
        Path found = folder.resolve(split);
        if (Files.isDirectory(found)) {
            return found;
        }
        if (!Files.isDirectory(folder)) {
            throw new DatasetException(folder, "there is no such folder", "check the kind of dataset and its path");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            String there = entries.filter(Files::isDirectory)
                    .map(entry -> entry.getFileName().toString())
                    .sorted()
                    .collect(Collectors.joining(", "));
            throw new DatasetException(
                    folder,
                    "it has no split " + split,
                    there.isEmpty() ? "make a folder of that name" : "choose one of " + there);
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
    }

    /** Finds the photographs below a folder; at least one. */
    static ImageFolder files(Path folder, Predicate<Path> wanted) {
        return files(folder, wanted, PHOTOGRAPHS);
    }

    /** @param remedy what to do if there are none */
    private static ImageFolder files(Path folder, Predicate<Path> wanted, String remedy) {
        ImageFolder found;
        try {
            found = ImageFolder.find(folder, null, wanted);
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
        if (found.files().isEmpty()) {
            throw new DatasetException(
                    folder,
                    "no images of this kind of dataset are in it",
                    found.leftOut().isEmpty() ? remedy : found.leftOut().get(0).reason());
        }
        return found;
    }

    private static Map<String, Path> labelFiles(Path folder) {
        return byId(folder, files(folder, file -> true, LABEL_MAPS));
    }

    private static Map<String, Path> byId(Path folder, ImageFolder found) {
        Map<String, Path> files = new LinkedHashMap<>();
        for (Path file : found.files()) {
            Path other = files.put(id(ImageFolder.withoutExtension(file)), folder.resolve(file));
            if (other != null) {
                throw new DatasetException(
                        folder.resolve(file), "it has the same name as " + other, "give one of them another name");
            }
        }
        return files;
    }

    /** Returns the lines of a list of ids. */
    static List<String> ids(Path list) {
        if (!Files.exists(list)) {
            throw new DatasetException(list, "there is no such list", "check the kind of dataset and its path");
        }
        try {
            List<String> ids = TextFile.lines(list, MAX_LIST_BYTES).stream()
                    .filter(line -> !line.isEmpty())
                    .toList();
            if (ids.isEmpty()) {
                throw new DatasetException(list, "it lists no images", "download it again");
            }
            for (String id : ids) {
                if (!InnerPath.isInner(id)) {
                    throw new DatasetException(
                            list,
                            "it lists \"" + id + "\", which is no name of an image in the dataset",
                            "take it off the list");
                }
            }
            return ids;
        } catch (IOException e) {
            throw new DatasetException(list, e);
        }
    }

    /** Requires that a file of a list is there. */
    static void requireFile(Path file, Path list) {
        if (!Files.exists(file)) {
            throw new DatasetException(
                    file, "there is no such file, but " + list + " lists it", "download it, or take it off the list");
        }
    }

    private static DatasetException unreadable(Path path, IOException e) {
        return new DatasetException(path, FileErrors.reading(path, e));
    }

    /** Returns an id with slashes on every system; a backslash may be part of a name. */
    private static String id(Path path) {
        return StreamSupport.stream(path.spliterator(), false)
                .map(Path::toString)
                .collect(Collectors.joining("/"));
    }

    /** Reads the whitespace-separated numbers of a table in this package; lines that begin with # are comments. */
    static int[] numbers(String resource) {
        return DatasetClasses.lines(resource).stream()
                .filter(line -> !line.startsWith("#"))
                .flatMap(line -> Arrays.stream(line.strip().split("\\s+")))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    /**
     * The finds of a layout: the whole images of a split, and what the ids in its label files mean.
     *
     * @param root the folder of the dataset itself
     * @param examples in their fixed order
     * @param leftOut images that can't be used, and folders that can't be looked into
     * @param labelled whether the split has label maps, though single images may have none
     * @param classOf 256 entries: the class of each id, {@link LabelMap#IGNORE}, or {@link #UNKNOWN}
     */
    record Split(
            Path root,
            List<Dataset.Example> examples,
            List<ImageFolder.LeftOut> leftOut,
            boolean labelled,
            DatasetClasses classes,
            int[] classOf) {
        static final int UNKNOWN = -1;

        /** Returns the table of a function, with 255 ignored whatever it says. */
        static int[] table(IntUnaryOperator classOf) {
            int[] table = new int[256];
            Arrays.setAll(table, id -> id == LabelMap.IGNORE ? LabelMap.IGNORE : classOf.applyAsInt(id));
            return table;
        }
    }
}
