package org.stegokernels.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.geom.Point2D;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.stegokernels.export.ExportFormat.Category;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.ExportFormat.Settings;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.AtomicFile;

/** The content of the files, and refused wishes. */
class FormatTest {
    private static final LabelMap MAP = Masks.of("0002", "0102", "0002");
    private static final Settings SETTINGS = Settings.of(List.of(
            new Category(0, "road", 0x102030), new Category(1, "car", 0xFF0000), new Category(2, "sky", 0x0000FF)));

    @TempDir
    Path folder;

    private Path write(Format format, Settings settings, Picture... pictures) throws IOException {
        try (ExportFormat export = format.open(folder, AtomicFile::write, settings)) {
            for (Picture picture : pictures) {
                export.add(picture);
            }
            export.finish();
        }
        return folder;
    }

    private static Picture picture(String name, LabelMap map) {
        return new Picture(name, name + ".jpg", map);
    }

    private String text(String file) throws IOException {
        return Files.readString(folder.resolve(file));
    }

    @Test
    void theTableOfObjectsHasTheirMeasures() throws IOException {
        float[] confidence = new float[12];
        Arrays.fill(confidence, 0.5f);
        confidence[5] = 1;
        write(Format.OBJECTS, SETTINGS, picture("a", MAP).withConfidence(confidence), picture("b", MAP));
        assertThat(text("objects.csv").split("\r\n"))
                .containsExactly(
                        "image,object,class_id,class,area,share,x,y,width,height,centroid_x,centroid_y,perimeter,confidence",
                        "a.jpg,1,0,road,8,0.666667,0,0,3,3,1.0,1.0,16,0.5",
                        "a.jpg,2,2,sky,3,0.25,3,0,1,3,3.0,1.0,8,0.5",
                        "a.jpg,3,1,car,1,0.083333,1,1,1,1,1.0,1.0,4,1.0",
                        "b.jpg,1,0,road,8,0.666667,0,0,3,3,1.0,1.0,16,",
                        "b.jpg,2,2,sky,3,0.25,3,0,1,3,3.0,1.0,8,",
                        "b.jpg,3,1,car,1,0.083333,1,1,1,1,1.0,1.0,4,");
        assertThat(text("objects.json"))
                .startsWith("{\"images\":[{\"image\":\"a.jpg\",\"width\":4,\"height\":3,\"objects\":[{\"object\":1,"
                        + "\"class_id\":0,\"class\":\"road\",\"area\":8,\"share\":0.666667,\"box\":[0,0,3,3],"
                        + "\"centroid\":[1.0,1.0],\"perimeter\":16,\"confidence\":0.5},");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "=1+1,     '''=1+1'",
                "@SUM(A1), '''@SUM(A1)'",
                "-1,       '''-1'",
                "+1,       '''+1'",
                "'a,b',    '\"a,b\"'",
                "say \"x\", '\"say \"\"x\"\"\"'",
                "plain,    plain"
            })
    void noNameIsAFormulaInASpreadsheet(String name, String field) throws IOException {
        Settings settings = Settings.of(List.of(new Category(0, name, 0)));
        write(Format.OBJECTS, settings, picture("a", Masks.of("0")));
        assertThat(text("objects.csv")).endsWith("a.jpg,1,0," + field + ",1,1.0,0,0,1,1,0.0,0.0,4,\r\n");
    }

    @Test
    void aNameWithALineBreakStaysInItsField() throws IOException {
        Settings settings = Settings.of(List.of(new Category(0, "a\r\nb", 0), new Category(1, "\t=1", 0)));
        write(Format.OBJECTS, settings, picture("a", Masks.of("01")));
        assertThat(text("objects.csv")).contains(",\"a\r\nb\",").contains(",'\t=1,");
    }

    @Test
    void yoloNamesTheClassesFromZeroAndCutsHoles() throws IOException {
        Settings settings = Settings.of(List.of(
                        new Category(0, "road", 0), new Category(2, "a: \"b\" #c", 0), new Category(1, "car", 0)))
                .withTolerance(0);
        write(Format.YOLO, settings, picture("sub/a", MAP));
        assertThat(text("data.yaml"))
                .endsWith(
                        "train: images\nval: images\nnames:\n  0: \"road\"\n  1: \"a: \\\"b\\\" #c\"\n  2: \"car\"\n");
        List<String> lines = Files.readAllLines(folder.resolve("labels/sub/a.txt"));
        assertThat(lines).hasSize(3);
        assertThat(lines.get(1)).isEqualTo("1 0.750000 0.000000 1 0.000000 1 1 0.750000 1");
        assertThat(lines.get(0).split(" ")).hasSizeGreaterThan(2 * 8);
    }

    @Test
    void classesThatAreNotGivenAreLeftOutOfListsOfObjects() throws IOException {
        Settings settings = Settings.of(List.of(new Category(1, "car", 0xFF0000)));
        write(Format.COCO, settings, picture("a", MAP));
        assertThat(text("coco.json")).containsOnlyOnce("\"segmentation\"").contains("\"category_id\":2");
        write(Format.GEOJSON, settings, picture("a", MAP));
        assertThat(text("a.geojson")).containsOnlyOnce("\"Feature\"");
    }

    @Test
    void geoJsonOfAPlacedPictureTurnsAsTheStandardAsks() throws IOException {
        Settings settings = Settings.of(List.of(new Category(1, "car", 0xFF8001)));
        Picture placed = picture("a", MAP).withPlacement((x, y) -> new Point2D.Double(10 + x, 50 - y));
        write(Format.GEOJSON, settings, placed);
        assertThat(text("a.geojson"))
                .startsWith("{\"type\":\"FeatureCollection\",\"features\":[\n{\"type\":\"Feature\",\"geometry\":"
                        + "{\"type\":\"Polygon\",\"coordinates\":"
                        + "[[[11.0,48.0],[12.0,48.0],[12.0,49.0],[11.0,49.0],[11.0,48.0]]]},")
                .contains("\"classification\":{\"name\":\"car\",\"color\":[255,128,1]}");
    }

    @Test
    void geoJsonNamesAReferenceSystemOtherThanThatOfTheStandard() throws IOException {
        Picture placed = picture("a", MAP).withPlacement(new Picture.Placement() {
            @Override
            public Point2D.Double at(double x, double y) {
                return new Point2D.Double(x, -y);
            }

            @Override
            public String crs() {
                return "EPSG:32633";
            }
        });
        write(Format.GEOJSON, SETTINGS, placed);
        assertThat(text("a.geojson")).contains("\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:32633\"}}");
    }

    @Test
    void geoJsonOfAReferenceSystemWithoutNameSaysSo() throws IOException {
        Picture placed = picture("a", MAP).withPlacement(new Picture.Placement() {
            @Override
            public Point2D.Double at(double x, double y) {
                return new Point2D.Double(x / 3, -y);
            }

            @Override
            public String crs() {
                return "";
            }
        });
        write(Format.GEOJSON, SETTINGS, placed);
        assertThat(text("a.geojson")).contains("\"crs\":null,").contains("[1.3333333333333333,");
    }

    @Test
    void degreesHaveNineDecimals() throws IOException {
        Picture placed = picture("a", MAP).withPlacement((x, y) -> new Point2D.Double(x / 3, -y));
        write(Format.GEOJSON, SETTINGS, placed);
        assertThat(text("a.geojson")).contains("[1.333333333,").doesNotContain("1.3333333333");
    }

    @Test
    void cvatKnowsClassesByUniqueNamesAndColors() throws IOException {
        Settings settings = Settings.of(List.of(
                new Category(0, "background", 0x123456),
                new Category(1, "a:b", 0x800000),
                new Category(2, "a_b", 0x800000),
                new Category(3, "#x\ny", 0),
                new Category(4, "c", 0x008000)));
        write(Format.CVAT, settings, picture("a", Masks.of("0123", ".124")));
        assertThat(text("labelmap.txt"))
                .isEqualTo("# label:color_rgb:parts:actions\nbackground:0,0,0::\na_b:128,0,0::\na_b_2:128,128,0::\n"
                        + "_#x_y:0,0,128::\nc:0,128,0::\n");
        LabelMap classes = PalettePng.read(folder.resolve("SegmentationClass/a.png"));
        assertThat(Masks.drawn(classes)).isEqualTo("0123 0124");
        assertThat(text("ImageSets/Segmentation/default.txt")).isEqualTo("a\n");
    }

    @Test
    void aPictureThatCameRowByRowGivesTheSameFiles() throws IOException {
        LabelMap map = Masks.noise(30, 20, 3, 0.1, 8);
        float[] confidence = new float[600];
        for (int i = 0; i < confidence.length; i++) {
            confidence[i] = i / 600f;
        }
        ObjectMap.Builder rows = new ObjectMap.Builder(30);
        for (int y = 0; y < 20; y++) {
            rows.add(
                    Arrays.copyOfRange(map.labels(), 30 * y, 30 * (y + 1)),
                    Arrays.copyOfRange(confidence, 30 * y, 30 * (y + 1)),
                    0);
        }
        Picture picture = new Picture("a", "a.jpg", rows.build());
        for (Format format : Format.values()) {
            if (format == Format.CONFIDENCE || format == Format.CUTOUT || format == Format.CITYSCAPES) {
                continue;
            }
            Path whole = write(format, SETTINGS, picture("a", map).withConfidence(confidence));
            Map<Path, byte[]> before = contents(whole);
            write(format, SETTINGS, picture);
            assertThat(contents(folder)).usingRecursiveComparison().isEqualTo(before);
        }
        assertThatThrownBy(() -> picture.withConfidence(confidence)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new ObjectMap.Builder(3).build()).isInstanceOf(IllegalStateException.class);
    }

    private static Map<Path, byte[]> contents(Path folder) throws IOException {
        Map<Path, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(file, Files.readAllBytes(file));
            }
        }
        return contents;
    }

    @Test
    void cvatNumbersTheLargestOfManyObjects() throws IOException {
        LabelMap map = Masks.noise(60, 50, 2, 0, 4);
        Picture picture = picture("a", map);
        assertThat(picture.objects().count()).isGreaterThan(255);
        write(Format.CVAT, SETTINGS, picture);
        LabelMap numbers = PalettePng.read(folder.resolve("SegmentationObject/a.png"));
        int[] counts = numbers.counts();
        assertThat(counts[0]).isZero();
        assertThat(Arrays.copyOfRange(counts, 1, 256)).doesNotContain(0);
        int largest = Arrays.stream(picture.objects().areas()).max().orElseThrow();
        assertThat(counts[3]).isEqualTo(largest);
    }

    @Test
    void labelStudiosInterfaceHasTheNamesWhateverIsInThem() throws IOException {
        Settings settings =
                Settings.of(List.of(new Category(0, "a<b>\"&\u0001", 0x00FF00))).withImageRoot("s3://bucket/");
        write(Format.LABEL_STUDIO, settings, picture("süß & co/a?", Masks.of("0")));
        assertThat(text("config.xml")).contains("<Label value=\"a&lt;b>&quot;&amp;?\" background=\"#00ff00\"/>\n");
        assertThat(text("tasks.json")).contains("\"image\":\"s3://bucket/s%C3%BC%C3%9F%20%26%20co/a%3F.jpg\"");
    }

    @Test
    void aNameThatLeadsOutOfTheFolderIsRefused() {
        for (Format format : List.of(Format.IDS, Format.YOLO, Format.CVAT, Format.GEOJSON)) {
            assertThatThrownBy(() -> write(format, SETTINGS, picture("../../a", MAP)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("leads out of the folder");
        }
        assertThat(folder.getParent().getParent().resolve("a.png")).doesNotExist();
    }

    @Test
    void whatAFormatCannotShowIsSaid() {
        assertThatThrownBy(() -> write(Format.CUTOUT, SETTINGS, picture("a", MAP)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[road, car, sky]");
        assertThatThrownBy(() -> write(Format.CUTOUT, SETTINGS.withCutout(1), picture("a", MAP)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("photograph of a");
        assertThatThrownBy(() -> write(Format.CONFIDENCE, SETTINGS, picture("a", MAP)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("confidence of a");
        assertThatThrownBy(() -> SETTINGS.withCutout(7)).hasMessageContaining("no class 7");
        assertThatThrownBy(() -> SETTINGS.withTolerance(-1)).hasMessageContaining("tolerance");
        byte[] labels = new byte[300 * 300];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) ((i % 300 + i / 300) % 2);
        }
        assertThatThrownBy(() -> write(Format.INSTANCES, SETTINGS, picture("a", new LabelMap(300, 300, labels))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("90000 objects")
                .hasMessageContaining("--min-area");
    }

    @Test
    void cityscapesTakesOnlyItsClasses() throws IOException {
        assertThatThrownBy(() -> write(
                        Format.CITYSCAPES,
                        Settings.of(List.of(new Category(0, "road", 0), new Category(1, "lake", 0))),
                        picture("a", MAP)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[lake]");
        Settings spelled = Settings.of(List.of(
                new Category(0, "Traffic_Light", 0), new Category(1, "guard-rail", 0), new Category(2, "void", 0)));
        write(Format.CITYSCAPES, spelled, picture("a", MAP));
        LabelMap ids = PalettePng.read(folder.resolve("a_labelIds.png"));
        assertThat(ids.labels()).containsExactly(19, 19, 19, 0, 19, 14, 19, 0, 19, 19, 19, 0);
    }

    @Test
    void partsOfAnotherSizeAreRefused() {
        Picture picture = picture("a", MAP);
        assertThatThrownBy(() -> picture.withPhotograph(new RgbImage(3, 3, new byte[27])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3x3");
        assertThatThrownBy(() -> picture.withConfidence(new float[3])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Category(255, "a", 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Settings.of(List.of(new Category(1, "a", 0), new Category(1, "b", 0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("id 1");
    }

    @Test
    void smallNumbersInATableHaveNoExponent() throws IOException {
        byte[] labels = new byte[4000];
        labels[0] = 1;
        write(Format.OBJECTS, SETTINGS, picture("a", new LabelMap(4000, 1, labels)));
        assertThat(Files.readAllLines(folder.resolve("objects.csv")).get(1)).contains(",0.00025,");
    }

    @ParameterizedTest
    @EnumSource(names = {"COCO", "LABEL_STUDIO", "CVAT", "OBJECTS", "YOLO"})
    void whatIsNotFinishedLeavesNoFileOfAllPictures(Format format) throws IOException {
        try (ExportFormat export = format.open(folder.resolve("new"), AtomicFile::write, SETTINGS)) {
            export.add(picture("a", MAP));
        }
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .isSubsetOf("a.png", "a.txt");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPictureWithoutObjectsIsWrittenToo(Format format) throws IOException {
        Picture empty = picture("a", Masks.of("..", ".."))
                .withPhotograph(new RgbImage(2, 2, new byte[12]))
                .withConfidence(new float[4]);
        write(format, SETTINGS.withCutout(0), empty);
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)).isNotEmpty();
        }
    }

    @Test
    void aFormatIsFoundByItsWord() {
        assertThat(Format.of("coco-polygons")).isSameAs(Format.COCO_POLYGONS);
        assertThatThrownBy(() -> Format.of("coko"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("coko")
                .hasMessageContaining("coco");
    }
}
