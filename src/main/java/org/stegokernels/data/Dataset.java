package org.stegokernels.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageFolder;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.Sha256;

/**
 * A split of a dataset, in a fixed order. With crops, each crop is an example of its own, those of an image in a row.
 * Images are decoded when they are asked for; the last one is kept for its other crops. Safe for use from many
 * threads.
 */
public final class Dataset {
    private static final System.Logger LOG = System.getLogger(Dataset.class.getName());

    private final Settings settings;
    private final Layouts.Split split;
    private final int crops;
    private final AtomicBoolean warned = new AtomicBoolean();
    private volatile Decoded<RgbImage> lastImage = new Decoded<>(null, null);
    private volatile Decoded<LabelMap> lastLabels = new Decoded<>(null, null);

    private record Decoded<T>(Path file, T pixels) {}

    private Dataset(Settings settings, Layouts.Split split) {
        this.settings = settings;
        this.split = split;
        this.crops = settings.crop().crops();
    }

    /**
     * Finds the images of a split and their label maps, without looking into them.
     *
     * @throws DatasetException if a folder, list or label map is missing, or there is no image
     */
    public static Dataset open(Settings settings) {
        return new Dataset(settings, Layouts.find(settings));
    }

    /** Returns a name for people and files: that of the folder and the split, {@code camvid-train}. */
    public String name() {
        Path folder = split.root().toAbsolutePath().normalize().getFileName();
        String name = folder == null ? "root" : folder.toString();
        String what = settings.kind() == Kind.FOLDER ? name : name + "-" + settings.split();
        return settings.crop() == CropKind.NONE
                ? what
                : what + "-" + settings.crop().name().toLowerCase(Locale.ROOT) + "-crop-" + settings.cropRatio();
    }

    /** Returns the settings by which this was opened. */
    public Settings settings() {
        return settings;
    }

    /** Returns the number of examples, crops counted singly; at least 1. */
    public int size() {
        return split.examples().size() * crops;
    }

    /**
     * Returns an example, or one of its crops.
     *
     * @param index 0 to {@link #size()} - 1, here and below
     */
    public Example example(int index) {
        Example whole = whole(index);
        return crops == 1 ? whole : new Example(whole.id() + "-" + index % crops, whole.image(), whole.labels());
    }

    private Example whole(int index) {
        return split.examples().get(index / crops);
    }

    /** Returns what lies among the images and can't be used, so that nothing is missing without a word. */
    public List<ImageFolder.LeftOut> leftOut() {
        return split.leftOut();
    }

    /** Returns whether there are label maps. */
    public boolean hasLabels() {
        return split.labelled();
    }

    /**
     * Returns those of the labels; {@link DatasetClasses#NONE} if there are none and the number of classes is not
     * given.
     */
    public DatasetClasses classes() {
        return split.classes();
    }

    /**
     * Returns an image or crop, upright.
     *
     * @throws ImageException if the file can't be read
     */
    public RgbImage image(int index) {
        RgbImage image = wholeImage(whole(index).image());
        if (settings.crop() == CropKind.NONE) {
            return image;
        }
        CropKind.Box box = box(index, new Resize.Size(image.width(), image.height()));
        return Resize.crop(image, box.left(), box.top(), box.width(), box.height());
    }

    private RgbImage wholeImage(Path file) {
        Decoded<RgbImage> last = lastImage;
        if (file.equals(last.file())) {
            return last.pixels();
        }
        RgbImage image =
                MatImage.is(file) ? MatImage.image(file, settings.limits()) : ImageReader.read(file, settings.limits());
        if (crops > 1) {
            lastImage = new Decoded<>(file, image);
        }
        return image;
    }

    /**
     * Returns the label map of an image or crop: class indices, 255 ignored. An image without label map in a split
     * that has them is ignored as a whole.
     *
     * @throws IllegalStateException if the dataset has no labels
     * @throws DatasetException if the map is not of its image's size, or has an id that the dataset doesn't know
     * @throws ImageException if the file can't be read
     */
    public LabelMap labels(int index) {
        if (!hasLabels()) {
            throw new IllegalStateException("dataset " + name() + " has no labels");
        }
        LabelMap map = wholeLabels(whole(index));
        CropKind.Box box = box(index, new Resize.Size(map.width(), map.height()));
        return settings.crop() == CropKind.NONE
                ? map
                : Resize.crop(map, box.left(), box.top(), box.width(), box.height());
    }

    /**
     * Reads all label maps, and says of each that can't be used why, and what to do. One without any label is among them.
     *
     * @return a sentence for each, which begins with the file
     */
    public List<String> labelMistakes() {
        List<String> mistakes = new ArrayList<>();
        for (Example example : split.examples()) {
            try {
                LabelMap map = readLabels(example);
                if (map.counts()[LabelMap.IGNORE] == map.labels().length) {
                    mistakes.add(example.labels() + ": no pixel of it has a label; label some, or take it away");
                }
            } catch (DatasetException | ImageException e) {
                mistakes.add(e.getMessage());
            }
        }
        return mistakes;
    }

    private LabelMap wholeLabels(Example example) {
        Decoded<LabelMap> last = lastLabels;
        if (example.image().equals(last.file())) {
            return last.pixels();
        }
        LabelMap map = readLabels(example);
        if (crops > 1) {
            lastLabels = new Decoded<>(example.image(), map);
        }
        return map;
    }

    private LabelMap readLabels(Example example) {
        Resize.Size size = size(example.image());
        if (example.labels() == null) {
            byte[] ignored = new byte[size.width() * size.height()];
            Arrays.fill(ignored, (byte) LabelMap.IGNORE);
            return new LabelMap(size.width(), size.height(), ignored);
        }
        Path file = example.labels();
        boolean own = settings.kind() == Kind.DIRECTORY || settings.labels() != null;
        LabelMap stored = own
                ? LabelReader.read(file, classes(), settings.limits())
                : MatImage.is(file)
                        ? MatImage.labels(file, settings.limits())
                        : PalettePng.read(file, settings.limits());
        if (stored.width() != size.width() || stored.height() != size.height()) {
            throw new DatasetException(
                    file,
                    "it is " + stored.width() + "x" + stored.height() + ", its image " + example.image() + " is "
                            + size.width() + "x" + size.height(),
                    "give the label map the size of its image");
        }
        warnOfMask(file, stored);
        return own ? stored : classes(file, stored);
    }

    /** Warns of a mask. A mask of 0 and 255, as many programs write them, has no foreground here: 255 is ignored. */
    private void warnOfMask(Path file, LabelMap stored) {
        if (settings.kind() != Kind.DIRECTORY || settings.labels() != null || warned.get()) {
            return;
        }
        int[] counts = stored.counts();
        int notZero = stored.labels().length - counts[0];
        if (2L * counts[LabelMap.IGNORE] > notZero && warned.compareAndSet(false, true)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}: {1}% of what is not 0 is 255, which means ''ignore''; if it is a mask, write the foreground"
                            + " as 1 instead of 255",
                    file,
                    Math.round(100.0 * counts[LabelMap.IGNORE] / notZero));
        }
    }

    private LabelMap classes(Path file, LabelMap stored) {
        byte[] classes = new byte[stored.labels().length];
        for (int i = 0; i < classes.length; i++) {
            int id = stored.labels()[i] & 0xFF;
            int classIndex = split.classOf()[id];
            if (classIndex == Layouts.Split.UNKNOWN) {
                throw new DatasetException(
                        file,
                        "it has the id " + id + " at column " + i % stored.width() + ", row " + i / stored.width()
                                + ", which is none of the dataset's "
                                + classes().count() + " classes",
                        "mark what has no class with 255, or choose another kind of dataset or number of classes");
            }
            classes[i] = (byte) classIndex;
        }
        return new LabelMap(stored.width(), stored.height(), classes);
    }

    private Resize.Size size(Path image) {
        return MatImage.is(image) ? MatImage.size(image, settings.limits()) : ImageReader.size(image);
    }

    private CropKind.Box box(int index, Resize.Size whole) {
        return settings.crop().box(settings.cropRatio(), whole(index).id(), index % crops, whole);
    }

    /**
     * Returns a digest, in hexadecimal, of everything that the pixels and labels depend on: kind, crops, and each
     * file's name, size and time of last change. What is computed from the dataset is good as long as this stays.
     *
     * @throws DatasetException if a file has gone meanwhile
     */
    public String contentKey() {
        Sha256 digest = new Sha256();
        String crop = settings.crop() == CropKind.NONE ? "whole" : settings.crop() + "/" + settings.cropRatio();
        // Without labels a number of classes is a wish, on which no pixel depends.
        add(
                digest,
                settings.kind() + "/" + crop + "/" + (hasLabels() ? classes().count() : 0));
        for (Example example : split.examples()) {
            add(digest, example.id());
            addFile(digest, example.image());
            if (example.labels() != null) {
                addFile(digest, example.labels());
            }
        }
        return digest.hex();
    }

    private static void addFile(Sha256 digest, Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            add(
                    digest,
                    file.getFileName() + "/" + attributes.size() + "/"
                            + attributes.lastModifiedTime().toMillis());
        } catch (IOException e) {
            throw new DatasetException(file, FileErrors.reading(file, e));
        }
    }

    private static void add(Sha256 digest, String text) {
        digest.add(text + '\0');
    }

    /**
     * The layouts of files that can be read: those of the published code (its {@code src/data.py}), and plain folders.
     */
    public enum Kind {
        /** {@code imgs/SPLIT/NAME.*}, and if there are labels {@code labels/SPLIT/NAME.png} with class indices. */
        DIRECTORY,
        /** All photographs below a folder, without labels and splits. */
        FOLDER,
        /**
         * {@code leftImg8bit/SPLIT/CITY/*_leftImg8bit.png} and {@code gtFine/SPLIT/CITY/*_gtFine_labelIds.png}; 27
         * classes.
         */
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

        /** Returns the layout that a folder seems to have, {@link #FOLDER} if it looks like none of the others. */
        public static Kind detect(Path root) {
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

    /**
     * The images that a dataset consists of.
     *
     * @param root the folder of the dataset; for the named ones also the folder above, if it has the published name
     * @param split {@code train}, {@code val} or what else the layout has; without meaning for {@link
     * Dataset.Kind#FOLDER}
     * @param cropRatio sides of a crop as part of the image's, above 0 and up to 1; the published one is 0.5
     * @param classes how many classes a {@link Dataset.Kind#DIRECTORY} has, or 0 for what its {@code classes.txt} says
     * @param limits of its pictures and label maps
     * @param labels a folder with label maps for some of the images, of the same names, which alone are then examples;
     *     null for the layout's own, which has one for each image or none
     */
    public record Settings(
            Dataset.Kind kind,
            Path root,
            String split,
            CropKind crop,
            double cropRatio,
            int classes,
            ImageReader.Limits limits,
            Path labels) {
        /** The side of a crop, as a part of the shorter side of the image, in the published training. */
        public static final double PUBLISHED_CROP_RATIO = 0.5;
        /** Labels are bytes, and one of them means ignored. */
        public static final int MAX_CLASSES = 255;

        /**
         * Checks the settings.
         *
         * @throws IllegalArgumentException if ratio or number of classes are out of range
         */
        public Settings {
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

        /** Returns whole images, and as many classes as the dataset says. */
        public static Settings of(Dataset.Kind kind, Path root, String split) {
            return new Settings(
                    kind, root, split, CropKind.NONE, PUBLISHED_CROP_RATIO, 0, ImageReader.Limits.DEFAULT, null);
        }

        /** Returns these settings with other crops. */
        public Settings withCrop(CropKind newCrop, double newRatio) {
            return new Settings(kind, root, split, newCrop, newRatio, classes, limits, labels);
        }

        /** Returns these settings with another number of classes. */
        public Settings withClasses(int newClasses) {
            return new Settings(kind, root, split, crop, cropRatio, newClasses, limits, labels);
        }

        /** Returns these settings for another split. */
        public Settings withSplit(String newSplit) {
            return new Settings(kind, root, newSplit, crop, cropRatio, classes, limits, labels);
        }

        /** Returns these settings with other limits for images. */
        public Settings withLimits(ImageReader.Limits newLimits) {
            return new Settings(kind, root, split, crop, cropRatio, classes, newLimits, labels);
        }

        /** Returns the settings for those images alone that have a label map in a folder. */
        public Settings withLabels(Path folder) {
            return new Settings(kind, root, split, crop, cropRatio, classes, limits, folder);
        }
    }

    /**
     * One image of a dataset, or one crop of one.
     *
     * @param id unique in its dataset: the image's path below its folder without extension, with {@code /}; a crop's
     * has     {@code -0}, {@code -1}, ... after it
     * @param image the whole image's file
     * @param labels the file of its label map, or null if it has none
     */
    public record Example(String id, Path image, Path labels) {}

    /** The crops of its images that a dataset consists of (the published {@code src/crop_datasets.py}). */
    public enum CropKind {
        /** The images themselves. */
        NONE(1),
        /** The four corners, top left, top right, bottom left, bottom right, and the middle. */
        FIVE(5),
        /** Five at random places, the same in every run. */
        RANDOM(5);

        private final int crops;

        CropKind(int crops) {
            this.crops = crops;
        }

        /** Returns the number of crops that an image has. */
        public int crops() {
            return crops;
        }

        /** A part of an image, in pixels. */
        record Box(int left, int top, int width, int height) {}

        /**
         * Returns the place of a crop.
         *
         * @param ratio sides of a crop as part of the image's
         * @param id of the whole image: where the random crops lie depends on it and on the image's size alone
         * @param number which crop, 0 to 4
         */
        Box box(double ratio, String id, int number, Resize.Size whole) {
            int width = Math.max(1, (int) (whole.width() * ratio));
            int height = Math.max(1, (int) (whole.height() * ratio));
            int right = whole.width() - width;
            int bottom = whole.height() - height;
            return switch (this) {
                case NONE -> new Box(0, 0, whole.width(), whole.height());
                case FIVE ->
                    number == 4
                            // Half to even, as torchvision rounds.
                            ? new Box((int) Math.rint(right / 2.0), (int) Math.rint(bottom / 2.0), width, height)
                            : new Box(number % 2 * right, number / 2 * bottom, width, height);
                case RANDOM -> {
                    SplittableRandom random = new SplittableRandom(((long) id.hashCode() << 3) + number);
                    int left = random.nextInt(right + 1);
                    yield new Box(left, random.nextInt(bottom + 1), width, height);
                }
            };
        }
    }

    /** A dataset that is not what it should be. The message names the file or folder, the reason and what to do. */
    public static final class DatasetException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Path file;

        /**
         * Makes one without a failure behind it.
         *
         * @param file file or folder
         * @param reason what is wrong, without a full stop
         * @param remedy what to do about it, in the imperative
         */
        public DatasetException(Path file, String reason, String remedy) {
            this(file, reason, remedy, null);
        }

        /**
         * Makes one whose message has the three parts.
         *
         * @param file what is wrong
         * @param reason what is wrong with it
         * @param remedy what to do, in the imperative
         * @param cause may be null
         */
        public DatasetException(Path file, String reason, String remedy, Throwable cause) {
            super(file + ": " + reason + "; " + remedy, cause);
            this.file = file;
        }

        /**
         * Makes one with the message of a failure to read or write.
         *
         * @param cause whose message names the file, the reason and what to do, as those of {@code io}
         */
        public DatasetException(Path file, IOException cause) {
            super(cause.getMessage(), cause);
            this.file = file;
        }

        /** Returns the file or folder that is wrong. */
        public Path file() {
            return file;
        }
    }
}
