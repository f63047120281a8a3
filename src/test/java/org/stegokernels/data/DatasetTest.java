package org.stegokernels.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.data.Dataset.CropKind;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sinks;

class DatasetTest {
    @TempDir
    Path folder;

    private static List<String> ids(Dataset dataset) {
        return IntStream.range(0, dataset.size())
                .mapToObj(i -> dataset.example(i).id())
                .toList();
    }

    private Dataset open(Dataset.Kind kind, String split) {
        return Dataset.open(Dataset.Settings.of(kind, folder, split));
    }

    @Test
    void directoryPairsByStemInSortedOrder() throws IOException {
        Datasets.directory(folder, "train", 3, 8, 6);
        Datasets.write(folder.resolve("imgs/train/Z.png"), Datasets.image(5, 5, 9));
        Datasets.write(folder.resolve("labels/train/Z.png"), Datasets.constant(5, 5, 255));
        Dataset dataset = open(Dataset.Kind.DIRECTORY, "train");
        assertThat(ids(dataset)).containsExactly("Z", "a0", "a1", "a2");
        assertThat(dataset.hasLabels()).isTrue();
        assertThat(dataset.classes().names()).containsExactly("Sky", "Road", "Pole");
        assertThat(dataset.classes().palette().color(1)).isEqualTo(0x804080);
        assertThat(dataset.image(2).rgb()).isEqualTo(Datasets.image(8, 6, 1).rgb());
        assertThat(dataset.labels(2).labels())
                .isEqualTo(Datasets.columns(8, 6, 3).labels());
        assertThat(dataset.labels(0).label(4, 4)).isEqualTo(255);
    }

    @Test
    void directoryNeedsNoLabels() throws IOException {
        Datasets.write(folder.resolve("imgs/val/sub/b.png"), Datasets.image(8, 6, 0));
        Dataset dataset = open(Dataset.Kind.DIRECTORY, "val");
        assertThat(ids(dataset)).containsExactly("sub/b");
        assertThat(dataset.hasLabels()).isFalse();
        assertThat(dataset.classes()).isEqualTo(DatasetClasses.NONE);
        assertThatThrownBy(() -> dataset.labels(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void missingLabelNamesImageAndRemedy() throws IOException {
        Datasets.directory(folder, "train", 2, 8, 6);
        Files.delete(folder.resolve("labels/train/a1.png"));
        assertThatThrownBy(() -> open(Dataset.Kind.DIRECTORY, "train"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("a1.png: it has no label map; add " + folder.resolve("labels/train/a1.png"));
    }

    @Test
    void labelsOfAnotherSizeOrWithUnknownIdsAreRefused() throws IOException {
        Datasets.directory(folder, "train", 2, 8, 6);
        Datasets.write(folder.resolve("labels/train/a0.png"), Datasets.columns(6, 8, 3));
        Datasets.write(folder.resolve("labels/train/a1.png"), Datasets.columns(8, 6, 4));
        Dataset dataset = open(Dataset.Kind.DIRECTORY, "train");
        assertThatThrownBy(() -> dataset.labels(0))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("labels")
                .hasMessageContaining("it is 6x8, its image")
                .hasMessageContaining("is 8x6");
        assertThatThrownBy(() -> dataset.labels(1))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("it has the id 3 at column 3, row 0")
                .hasMessageContaining("3 classes")
                .hasMessageContaining("255");
    }

    @Test
    void unknownNumberOfClassesAndContradictionsAreRefused() throws IOException {
        Datasets.directory(folder, "train", 1, 8, 6);
        Dataset.Settings settings = Dataset.Settings.of(Dataset.Kind.DIRECTORY, folder, "train");
        assertThatThrownBy(() -> Dataset.open(settings.withClasses(4)))
                .hasMessageContaining("it lists 3 classes, 4 were asked for");
        Files.delete(folder.resolve("classes.txt"));
        assertThatThrownBy(() -> Dataset.open(settings)).hasMessageContaining("classes.txt");
        assertThat(Dataset.open(settings.withClasses(4)).classes().names()).hasSize(4);
    }

    @Test
    void missingSplitListsThoseThere() throws IOException {
        Datasets.directory(folder, "train", 1, 8, 6);
        assertThatThrownBy(() -> open(Dataset.Kind.DIRECTORY, "valid"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("it has no split valid; choose one of train");
        assertThatThrownBy(() ->
                        Dataset.open(Dataset.Settings.of(Dataset.Kind.FOLDER, folder.resolve("nowhere"), "train")))
                .hasMessageContaining("there is no such folder");
    }

    @Test
    void emptyFolderAndDamagedImageAreClear() throws IOException {
        assertThatThrownBy(() -> open(Dataset.Kind.FOLDER, "train")).hasMessageContaining("no images");
        Files.writeString(folder.resolve("a.jpg"), "not an image");
        Dataset dataset = open(Dataset.Kind.FOLDER, "train");
        assertThatThrownBy(() -> dataset.image(0)).isInstanceOf(ImageException.class);
    }

    @Test
    void plainFolderIsRecursiveAndKeepsNamesApart() throws IOException {
        Datasets.write(folder.resolve("trip/a.png"), Datasets.image(4, 4, 0));
        Datasets.write(folder.resolve("b.png"), Datasets.image(4, 4, 1));
        Files.copy(folder.resolve("b.png"), folder.resolve("b.tif"));
        Datasets.write(folder.resolve(".hidden/c.png"), Datasets.image(4, 4, 2));
        Files.writeString(folder.resolve("notes.txt"), "no image");
        assertThat(ids(open(Dataset.Kind.FOLDER, "train"))).containsExactly("b", "b.tif", "trip/a");
    }

    @Test
    void cityscapesHasIdsFrom7() throws IOException {
        String stem = "aachen/aachen_000000_000019_";
        Datasets.write(folder.resolve("leftImg8bit/train/" + stem + "leftImg8bit.png"), Datasets.image(36, 4, 0));
        Path labels = folder.resolve("gtFine/train/" + stem + "gtFine_labelIds.png");
        Datasets.write(labels, Datasets.columns(36, 4, 34));
        Dataset dataset = open(Dataset.Kind.CITYSCAPES, "train");
        assertThat(ids(dataset)).containsExactly("aachen/aachen_000000_000019");
        assertThat(dataset.classes().count()).isEqualTo(27);
        assertThat(dataset.classes().names().get(16)).isEqualTo("sky");
        assertThat(dataset.classes().palette().color(16)).isEqualTo(0x4682B4);
        LabelMap map = dataset.labels(0);
        assertThat(map.label(6, 0)).isEqualTo(255);
        assertThat(map.label(7, 0)).isZero();
        assertThat(map.label(33, 3)).isEqualTo(26);
        Datasets.write(labels, Datasets.constant(36, 4, 34));
        assertThatThrownBy(() -> open(Dataset.Kind.CITYSCAPES, "train").labels(0))
                .hasMessageContaining("it has the id 34");
        Files.delete(labels);
        assertThatThrownBy(() -> open(Dataset.Kind.CITYSCAPES, "train")).hasMessageContaining("gtFine_labelIds.png");
    }

    /** Fine ids 0 (person), 105 (clouds), 123 (grass as plant or ground), by the published table. */
    @ParameterizedTest
    @EnumSource(names = {"COCOSTUFF27", "COCOSTUFF15", "COCOSTUFF3"})
    void cocoStuffMapsFineToCoarse(Dataset.Kind kind) throws IOException {
        Path root = folder.resolve("cocostuff");
        for (String id : List.of("000000000001", "000000000002")) {
            Datasets.write(root.resolve("images/train2017/" + id + ".jpg"), Datasets.image(182, 2, 0));
            Datasets.write(root.resolve("annotations/train2017/" + id + ".png"), Datasets.columns(182, 2, 182));
        }
        assertThat(open(kind, "train").size()).isEqualTo(2);
        for (String list : List.of(
                "Coco164kFull_Stuff_Coarse.txt", "Coco164kFull_Stuff_Coarse_7.txt", "Coco164kFew_Stuff_6.txt")) {
            Files.createDirectories(root.resolve("curated/train2017"));
            Files.writeString(root.resolve("curated/train2017").resolve(list), "000000000002\n");
        }
        Dataset dataset = open(kind, "train");
        assertThat(ids(dataset)).containsExactly("000000000002");
        LabelMap map = dataset.labels(0);
        int person = 0;
        int clouds = 105;
        int lastFine = 181;
        assertThat(IntStream.of(person, clouds, lastFine)
                        .map(id -> map.label(id, 0))
                        .toArray())
                .isEqualTo(
                        switch (kind) {
                            case COCOSTUFF27 -> new int[] {9, 23, 24};
                            case COCOSTUFF15 -> new int[] {255, 11, 12};
                            default -> new int[] {255, 0, 255};
                        });
        int classes = dataset.classes().count();
        int[] counts = map.counts();
        assertThat(IntStream.range(classes, 255).map(id -> counts[id]).sum()).isZero();
        assertThat(Dataset.Kind.detect(folder)).isEqualTo(Dataset.Kind.COCOSTUFF27);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside", "/outside", "a/../../outside", "..", "."})
    void aListThatLeadsOutOfTheDatasetIsRefused(String id) throws IOException {
        String written = id.startsWith("/") ? folder.resolve("outside").toString() : id;
        Datasets.write(folder.resolve("images/outside.jpg"), Datasets.image(4, 4, 0));
        Datasets.write(folder.resolve("images/val2017/1.jpg"), Datasets.image(4, 4, 0));
        Path list = folder.resolve("curated/val2017/Coco164kFull_Stuff_Coarse_7.txt");
        Files.createDirectories(list.getParent());
        Files.writeString(list, "1\n" + written + "\n");
        assertThatThrownBy(() -> open(Dataset.Kind.COCOSTUFF27, "val"))
                .isInstanceOf(DatasetException.class)
                .hasMessage(list + ": it lists \"" + written
                        + "\", which is no name of an image in the dataset; take it" + " off the list");
        Files.writeString(folder.resolve("all.txt"), written + "\n");
        assertThatThrownBy(() -> open(Dataset.Kind.POTSDAM, "all"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("which is no name of an image in the dataset");
    }

    @Test
    void aBackslashInAFileNameIsNoFolder() throws IOException {
        assumeTrue(File.separatorChar == '/', "a backslash separates folders here");
        Datasets.write(folder.resolve("sub/a\\..\\..\\..\\x.png"), Datasets.image(4, 4, 0));
        assertThat(ids(open(Dataset.Kind.FOLDER, "train"))).containsExactly("sub/a\\..\\..\\..\\x");
    }

    @Test
    void listedImageThatIsNotThereIsNamed() throws IOException {
        Datasets.write(folder.resolve("images/val2017/1.jpg"), Datasets.image(4, 4, 0));
        Files.createDirectories(folder.resolve("curated/val2017"));
        Files.writeString(folder.resolve("curated/val2017/Coco164kFull_Stuff_Coarse_7.txt"), "1\n2\n");
        assertThatThrownBy(() -> open(Dataset.Kind.COCOSTUFF27, "val"))
                .hasMessageContaining("2.jpg: there is no such file, but");
    }

    @Test
    void potsdamReadsMatlabFiles() throws IOException {
        for (String id : List.of("1", "2")) {
            mat(folder.resolve("imgs/" + id + ".mat"), "img", 4, 6, 4);
            mat(folder.resolve("gt/" + id + ".mat"), "gt", 4, 6, 1);
        }
        mat(folder.resolve("imgs/3.mat"), "img", 4, 6, 4);
        Files.writeString(folder.resolve("labelled_train.txt"), "2\n1\n");
        Files.writeString(folder.resolve("all.txt"), "1\n2\n3\n");
        assertThat(Dataset.Kind.detect(folder)).isEqualTo(Dataset.Kind.POTSDAM);
        Dataset dataset = open(Dataset.Kind.POTSDAM, "train");
        assertThat(ids(dataset)).containsExactly("2", "1");
        RgbImage image = dataset.image(0);
        assertThat(image.width()).isEqualTo(6);
        // The value at row y, column x, channel c is 10 c + y * 6 + x, modulo 6 in the labels.
        assertThat(image.rgb()[3 * (2 * 6 + 5) + 1]).isEqualTo((byte) (10 + 2 * 6 + 5));
        assertThat(IntStream.range(0, 6).map(x -> dataset.labels(0).label(x, 0)).toArray())
                .containsExactly(0, 1, 2, 2, 0, 1);
        Dataset all = open(Dataset.Kind.POTSDAM, "all");
        assertThat(all.labels(2).counts()[255]).isEqualTo(24);
        Files.writeString(folder.resolve("labelled_train.txt"), "3\n");
        assertThatThrownBy(() -> open(Dataset.Kind.POTSDAM, "train")).hasMessageContaining("it has no label map");
        Files.writeString(folder.resolve("imgs/1.mat"), "damaged");
        assertThatThrownBy(() -> all.image(0))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("1.mat");
    }

    @Test
    void potsdamRawIsInTheOrderOfItsNumbers() throws IOException {
        for (String id : List.of("0_0_0", "0_2_0", "0_10_0", "3_0_1")) {
            mat(folder.resolve("potsdamraw/processed/imgs/" + id + ".mat"), "img", 2, 2, 3);
        }
        assertThat(Dataset.Kind.detect(folder)).isEqualTo(Dataset.Kind.POTSDAMRAW);
        Dataset dataset = open(Dataset.Kind.POTSDAMRAW, "train");
        assertThat(ids(dataset)).containsExactly("0_0_0", "0_2_0", "0_10_0", "3_0_1");
        assertThat(dataset.hasLabels()).isFalse();
    }

    private static void mat(Path file, String name, int height, int width, int channels) throws IOException {
        Files.createDirectories(file.getParent());
        int[] dims = channels == 1 ? new int[] {height, width} : new int[] {height, width, channels};
        Matrix matrix = Mat5.newMatrix(dims, MatlabType.UInt8);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < channels; c++) {
                    int value = y * width + x;
                    matrix.setInt(c * height * width + x * height + y, channels == 1 ? value % 6 : 10 * c + value);
                }
            }
        }
        try (var sink = Sinks.newStreamingFile(file.toFile())) {
            Mat5.newMatFile().addArray(name, matrix).writeTo(sink);
        }
    }

    @Test
    void fiveCropsAreCornersAndMiddle() throws IOException {
        Datasets.directory(folder, "train", 2, 9, 7);
        Dataset.Settings settings = Dataset.Settings.of(Dataset.Kind.DIRECTORY, folder, "train");
        Dataset crops = Dataset.open(settings.withCrop(CropKind.FIVE, 0.5));
        assertThat(crops.size()).isEqualTo(10);
        assertThat(crops.example(7).id()).isEqualTo("a1-2");
        assertThat(crops.name()).endsWith("-train-five-crop-0.5");
        RgbImage whole = Datasets.image(9, 7, 1);
        int[][] corners = {{0, 0}, {5, 0}, {0, 4}, {5, 4}, {2, 2}};
        for (int crop = 0; crop < 5; crop++) {
            RgbImage image = crops.image(5 + crop);
            LabelMap labels = crops.labels(5 + crop);
            assertThat(new int[] {image.width(), image.height()}).containsExactly(4, 3);
            for (int i = 0; i < 12; i++) {
                int x = corners[crop][0] + i % 4;
                int y = corners[crop][1] + i / 4;
                assertThat(image.rgb()[3 * i + 2])
                        .as("crop %d pixel %d", crop, i)
                        .isEqualTo(whole.rgb()[3 * (y * 9 + x) + 2]);
                assertThat(labels.label(i % 4, i / 4)).isEqualTo(x % 3);
            }
        }
    }

    @Test
    void randomCropsAreTheSameInEveryRunAndMoveLabelsAlong() throws IOException {
        Datasets.directory(folder, "train", 1, 40, 30);
        Dataset.Settings settings =
                Dataset.Settings.of(Dataset.Kind.DIRECTORY, folder, "train").withCrop(CropKind.RANDOM, 0.3);
        Dataset first = Dataset.open(settings);
        Dataset second = Dataset.open(settings);
        for (int i = 0; i < 5; i++) {
            assertThat(first.image(i).rgb()).isEqualTo(second.image(i).rgb());
        }
        assertThat(Stream.of(0, 1, 2, 3, 4)
                        .map(i -> CropKind.RANDOM.box(0.3, "a0", i, new Resize.Size(40, 30)))
                        .distinct())
                .hasSizeGreaterThan(3);
        assertThat(first.labels(3).width()).isEqualTo(12);
    }

    @Test
    void theNumberOfClassesChangesNothingWhereThereAreNoLabels() throws IOException {
        Datasets.directory(folder, "train", 2, 10, 10);
        Dataset.Settings plain = Dataset.Settings.of(Dataset.Kind.FOLDER, folder.resolve("imgs/train"), "train");
        assertThat(Dataset.open(plain.withClasses(7)).contentKey())
                .isEqualTo(Dataset.open(plain).contentKey());
        Files.delete(folder.resolve("classes.txt"));
        Dataset.Settings labelled = Dataset.Settings.of(Dataset.Kind.DIRECTORY, folder, "train");
        assertThat(Dataset.open(labelled.withClasses(7)).contentKey())
                .isNotEqualTo(Dataset.open(labelled.withClasses(8)).contentKey());
    }

    @Test
    void contentKeyFollowsFilesAndCrops() throws IOException {
        Datasets.directory(folder, "train", 2, 8, 6);
        Dataset.Settings settings = Dataset.Settings.of(Dataset.Kind.DIRECTORY, folder, "train");
        String key = Dataset.open(settings).contentKey();
        assertThat(Dataset.open(settings).contentKey()).isEqualTo(key).hasSize(64);
        assertThat(Dataset.open(settings.withCrop(CropKind.FIVE, 0.5)).contentKey())
                .isNotEqualTo(key);
        Datasets.write(folder.resolve("imgs/train/a1.png"), Datasets.image(9, 6, 5));
        assertThat(Dataset.open(settings).contentKey()).isNotEqualTo(key);
    }

    @Test
    void classesFileOfPlainNamesIsColoured() throws IOException {
        Path file = Files.writeString(folder.resolve("classes.txt"), "# comment\nrail track\n\nsky\n");
        DatasetClasses classes = DatasetClasses.read(file);
        assertThat(classes.names()).containsExactly("rail track", "sky");
        Files.writeString(file, classes.text());
        assertThat(DatasetClasses.read(file).text()).isEqualTo(classes.text());
        Files.writeString(file, "a 1 2 300\n");
        assertThatThrownBy(() -> DatasetClasses.read(file)).hasMessageContaining("300");
        Files.writeString(file, "a 1 2 3\nb\n");
        assertThatThrownBy(() -> DatasetClasses.read(file)).hasMessageContaining("1 of its 2 classes");
    }

    @Test
    void classesFileMayComeFromAnyEditor() throws IOException {
        Path file = Files.writeString(
                folder.resolve("classes.txt"), "\uFEFFSky 1 2 3 \r\n# comment\r\nrail  track\t4 5  6\t\r\n4 5 6 7\r\n");
        DatasetClasses classes = DatasetClasses.read(file);
        assertThat(classes.names()).containsExactly("Sky", "rail  track", "4");
        assertThat(IntStream.range(0, 3).map(classes.palette()::color).toArray())
                .containsExactly(0x010203, 0x040506, 0x050607);
        Files.writeString(file, "\uFEFF1\r\n2\r\n");
        assertThat(DatasetClasses.read(file).names()).containsExactly("1", "2");
        Files.writeString(file, "Sky\n", StandardCharsets.UTF_16);
        assertThatThrownBy(() -> DatasetClasses.read(file))
                .isInstanceOf(DatasetException.class)
                .hasMessage(file + ": is UTF-16 text; save it as plain text in UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "1 ", "\t1"})
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void longLineOfClassesTakesLinearTime(String part) throws IOException {
        // Quadratic time would be 10^11 steps.
        String name = "a" + part.repeat(500_000 / part.length()) + "b";
        Path file = Files.writeString(folder.resolve("classes.txt"), name + " 7 8 9");
        DatasetClasses classes = DatasetClasses.read(file);
        assertThat(classes.names()).containsExactly(name);
        assertThat(classes.palette().color(0)).isEqualTo(0x070809);
    }

    @Test
    void listsOfImagesMayComeFromAnyEditor() throws IOException {
        for (String id : List.of("1", "2")) {
            Datasets.write(folder.resolve("images/val2017/" + id + ".jpg"), Datasets.image(4, 4, 0));
        }
        Files.createDirectories(folder.resolve("curated/val2017"));
        Path list = folder.resolve("curated/val2017/Coco164kFull_Stuff_Coarse_7.txt");
        Files.writeString(list, "\uFEFF2 \r\n\r\n1\r\n");
        assertThat(ids(open(Dataset.Kind.COCOSTUFF27, "val"))).containsExactly("2", "1");
    }

    @Test
    void folderWithoutLabelMapsAsksForThem() throws IOException {
        Datasets.directory(folder, "val", 1, 4, 4);
        Files.delete(folder.resolve("labels/val/a0.png"));
        assertThatThrownBy(() -> open(Dataset.Kind.DIRECTORY, "val"))
                .hasMessageStartingWith(folder.resolve("labels/val") + ": ")
                .hasMessageContaining("put label maps there, a PNG for each image")
                .hasMessageNotContaining("JPEG");
    }

    @Test
    void maskOfZeroAndIgnoreIsWarnedOfOnce() throws IOException {
        Datasets.directory(folder, "val", 3, 4, 4);
        LabelMap mask = new LabelMap(4, 4, new byte[16]);
        mask.labels()[3] = (byte) 255;
        mask.labels()[4] = (byte) 255;
        mask.labels()[5] = 1;
        for (String name : List.of("a1", "a2")) {
            Datasets.write(folder.resolve("labels/val/" + name + ".png"), mask);
        }
        List<String> warnings = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord event) {
                warnings.add(new SimpleFormatter().formatMessage(event));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(Dataset.class.getName());
        logger.addHandler(handler);
        try {
            Dataset dataset = open(Dataset.Kind.DIRECTORY, "val");
            for (int i = 0; i < 3; i++) {
                dataset.labels(i);
            }
        } finally {
            logger.removeHandler(handler);
        }
        assertThat(warnings)
                .singleElement()
                .satisfies(warning -> assertThat(warning)
                        .startsWith(folder.resolve("labels/val/a1.png") + ": 67% of what is not 0 is 255")
                        .contains("write the foreground as 1"));
    }

    @Test
    void camVidIsReadAsItsReadmeSays() {
        Path camvid = Path.of("..", "shared", "camvid");
        assumeTrue(Files.isDirectory(camvid), () -> "skipped: " + camvid + " is not there");
        assertThat(Dataset.Kind.detect(camvid)).isEqualTo(Dataset.Kind.DIRECTORY);
        Dataset train = Dataset.open(Dataset.Settings.of(Dataset.Kind.DIRECTORY, camvid, "train"));
        Dataset val = Dataset.open(Dataset.Settings.of(Dataset.Kind.DIRECTORY, camvid, "val"));
        assertThat(train.size()).isEqualTo(367);
        assertThat(val.size()).isEqualTo(101);
        assertThat(train.classes().count()).isEqualTo(11);
        assertThat(train.classes().palette().color(10)).isEqualTo(0x0080C0);
        assertThat(train.image(0).width()).isEqualTo(480);
        int[] counts = train.labels(0).counts();
        assertThat(IntStream.range(11, 255).map(id -> counts[id]).sum()).isZero();
        assertThat(counts[0]).isPositive();
    }
}
