package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.Format;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Segmentation.ClassInfo;

/** Results in the formats of other tools, written by {@code segment} at once or by {@code export} later. */
class ExportCommandTest {
    private static final Path MODEL = Path.of("kernels/reference/pipeline.safetensors");
    /** All but cityscapes, whose classes the model lacks. */
    private static final String FORMATS =
            "png,ids,instances,color,npy,confidence,cutout,coco,coco-polygons,yolo,geojson,"
                    + "labelstudio,cvat,objects";

    @TempDir
    Path folder;

    private Path photos;
    private Path out;

    @BeforeEach
    void photographs() throws IOException {
        photos = Files.createDirectory(folder.resolve("photos"));
        out = folder.resolve("out");
        Pictures.png(photos.resolve("a.png"), 120, 90);
        Files.createDirectory(photos.resolve("trip"));
        Pictures.jpeg(photos.resolve("trip/b.jpg"), 75, 101);
    }

    private CommandLineRun segment(Path results, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("segment", photos, "-o", results, "--size", 64, "--model", MODEL));
        all.addAll(Arrays.asList(arguments));
        return CommandLineRun.of(all.toArray());
    }

    private static CommandLineRun export(Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("export"));
        all.addAll(Arrays.asList(arguments));
        return CommandLineRun.of(all.toArray());
    }

    private static Map<String, byte[]> files(Path folder) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(file).toString();
                if (!name.equals("summary.json") && !name.equals(ResultFolder.RECORD)) {
                    files.put(name, Files.readAllBytes(file));
                }
            }
        }
        return files;
    }

    private static void assertSame(Map<String, byte[]> actual, Map<String, byte[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, bytes) -> assertThat(actual.get(name)).as(name).isEqualTo(bytes));
    }

    @Test
    void everyFormatHasTheIdsOfThePalettePng() throws IOException {
        CommandLineRun run = segment(out, "--format", FORMATS, "--class", 4, "--min-area", 20);
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        JsonNode summary =
                new ObjectMapper().readTree(out.resolve("summary.json").toFile());
        for (String name : List.of("a", "trip/b")) {
            LabelMap labels = PalettePng.read(out.resolve(name + ".png"));
            Raster ids =
                    ImageIO.read(out.resolve("ids/" + name + ".png").toFile()).getRaster();
            byte[] npy = Files.readAllBytes(out.resolve("npy/" + name + ".npy"));
            BufferedImage color =
                    ImageIO.read(out.resolve("color/" + name + ".png").toFile());
            BufferedImage cutout =
                    ImageIO.read(out.resolve("cutout/" + name + ".png").toFile());
            RgbImage photograph = ImageReader.read(photos.resolve(name + (name.equals("a") ? ".png" : ".jpg")));
            LabelMap cvat = PalettePng.read(out.resolve("cvat/SegmentationClass/" + name + ".png"));
            int pixels = labels.labels().length;
            Map<Integer, Integer> cvatIds = new HashMap<>();
            for (int i = 0; i < pixels; i++) {
                int x = i % labels.width();
                int y = i / labels.width();
                int label = labels.label(x, y);
                assertThat(ids.getSample(x, y, 0)).isEqualTo(label);
                assertThat(npy[npy.length - pixels + i] & 0xFF).isEqualTo(label);
                assertThat(String.format("#%06x", color.getRGB(x, y) & 0xFFFFFF))
                        .isEqualTo(summary.at("/classes/" + label + "/color").asText());
                assertThat(cutout.getRGB(x, y) >>> 24).isEqualTo(label == 4 ? 255 : 0);
                if (label == 4) {
                    int rgb = (photograph.rgb()[3 * i] & 0xFF) << 16
                            | (photograph.rgb()[3 * i + 1] & 0xFF) << 8
                            | photograph.rgb()[3 * i + 2] & 0xFF;
                    assertThat(cutout.getRGB(x, y) & 0xFFFFFF).isEqualTo(rgb);
                }
                assertThat(cvatIds.computeIfAbsent(label, first -> cvat.label(x, y)))
                        .isEqualTo(cvat.label(x, y));
            }
        }
        JsonNode coco =
                new ObjectMapper().readTree(out.resolve("coco/coco.json").toFile());
        assertThat(coco.at("/images/0/file_name").asText()).isEqualTo("a.png");
        assertThat(coco.at("/images/1/file_name").asText()).isEqualTo("trip/b.jpg");
        long[] areas = new long[6];
        for (JsonNode object : coco.at("/annotations")) {
            areas[object.at("/category_id").asInt() - 1] += object.at("/area").asLong();
            assertThat(object.at("/score").asDouble()).isBetween(0.15, 1.0);
        }
        int[] a = PalettePng.read(out.resolve("a.png")).counts();
        int[] b = PalettePng.read(out.resolve("trip/b.png")).counts();
        for (int id = 0; id < areas.length; id++) {
            assertThat(areas[id]).isEqualTo(a[id] + b[id]);
        }
        List<String> table = Files.readAllLines(out.resolve("objects.csv"));
        assertThat(table).hasSize(1 + coco.at("/annotations").size());
        assertThat(out.resolve("objects.json")).exists();
        assertThat(table.get(1)).startsWith("a.png,1,").doesNotEndWith(",");
    }

    @Test
    void whatIsExportedLaterIsWhatIsWrittenAtOnce() throws IOException {
        segment(out, "--format", FORMATS, "--class", "Cluster 4");
        Path later = folder.resolve("later");
        segment(later, "--confidence");
        CommandLineRun run = export(later, "--format", FORMATS, "--class", "Cluster 4");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).startsWith("2 photographs exported as png, ids, ").contains(later.toString());
        assertSame(files(later), files(out));
        assertThat(export(later, "--format", "coco, yolo").exitCode()).isEqualTo(ExitCode.DONE);

        Path elsewhere = folder.resolve("elsewhere");
        assertThat(export(later, "--format", "png,yolo", "-o", elsewhere).exitCode())
                .isEqualTo(ExitCode.DONE);
        assertThat(files(elsewhere).keySet())
                .containsExactly(
                        "a.png", "trip/b.png", "yolo/data.yaml", "yolo/labels/a.txt", "yolo/labels/trip/b.txt");
        assertThat(elsewhere.resolve("a.png")).hasSameBinaryContentAs(out.resolve("a.png"));
    }

    @Test
    void theMiddleSquareIsCutOutToo() throws IOException {
        segment(out, "--protocol", "published", "--format", "png,cutout", "--class", 4);
        byte[] atOnce = Files.readAllBytes(out.resolve("cutout/a.png"));
        Files.delete(out.resolve("cutout/a.png"));
        assertThat(export(out, "--format", "cutout", "--class", 4).err()).isEmpty();
        assertThat(out.resolve("cutout/a.png")).hasBinaryContent(atOnce);
    }

    @Test
    void whatIsSkippedIsInTheFilesOfAllPhotographs() throws IOException {
        segment(out, "--format", FORMATS, "--class", 4);
        Path twice = folder.resolve("twice");
        Files.move(photos.resolve("trip"), folder.resolve("trip"));
        segment(twice, "--confidence");
        Files.move(folder.resolve("trip"), photos.resolve("trip"));
        CommandLineRun run = segment(twice, "--skip-existing", "--format", FORMATS, "--class", 4);
        assertThat(run.out()).contains("1 photograph segmented, 1 skipped, in ");
        assertSame(files(twice), files(out));

        Path none = folder.resolve("none");
        segment(none, "--confidence");
        run = segment(none, "--skip-existing", "--format", FORMATS, "--class", 4);
        assertThat(run.out()).contains("0 photographs segmented, 2 skipped, in ");
        assertSame(files(none), files(out));
    }

    @Test
    void withoutPngThereAreNoLabelsBesideThePictures() throws IOException {
        segment(out, "--format", "ids", "--overlay", "none");
        assertThat(files(out).keySet()).containsExactly("ids/a.png", "ids/trip/b.png", "index.html");
        CommandLineRun run = export(out, "--format", "npy");
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.err()).contains("a.png: its labels are not there").hasLineCount(2);
    }

    @Test
    void aPhotographOrMaskThatIsGoneFailsAlone() throws IOException {
        segment(out);
        Files.delete(photos.resolve("a.png"));
        CommandLineRun run = export(out, "--format", "ids,cutout", "--class", 3);
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.err()).startsWith("error: " + photos.resolve("a.png") + ": the photograph is not there");
        assertThat(run.out()).startsWith("1 photograph exported as ids, cutout, 1 failed, in ");
        assertThat(out.resolve("cutout/trip/b.png")).exists();
        Files.write(out.resolve("trip/b.png"), new byte[] {1, 2, 3});
        run = export(out, "--format", "ids");
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.err()).contains("b.png").hasLineCount(1);
        assertThat(out.resolve("ids/a.png")).exists();
    }

    @Test
    void aFormatThatLacksMemoryCostsNoOther() throws IOException {
        Picture picture = new Picture("a", "a.png", new LabelMap(2, 1, new byte[2])).withPlacement((x, y) -> {
            throw new OutOfMemoryError("Java heap space");
        });
        ResultFolder results = ResultFolder.of(out, PhotographsCommand.PURPOSE, new ResultFolder.Overwriting());
        results.prepare();
        Set<Format> formats = EnumSet.of(Format.IDS, Format.GEOJSON, Format.OBJECTS);
        List<ClassInfo> classes = List.of(new ClassInfo(0, "sky", 0));
        try (Exports exports = Exports.open(formats, results, out, classes, -1, "model")) {
            assertThatThrownBy(() -> exports.add(picture)).isInstanceOf(OutOfMemoryError.class);
            exports.finish();
        }
        assertThat(files(out).keySet()).containsExactly("ids/a.png", "objects.csv", "objects.json");
        assertThat(Files.readAllLines(out.resolve("objects.csv"))).hasSize(2);
    }

    @Test
    void aFileOfOthersIsNotReplaced() throws IOException {
        segment(out);
        Path mine = Files.createDirectories(out.resolve("ids")).resolve("a.png");
        Files.writeString(mine, "mine");
        CommandLineRun run = export(out, "--format", "ids,npy");
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.err()).contains("would overwrite the photograph " + mine);
        assertThat(mine).hasContent("mine");
        assertThat(out.resolve("npy/a.npy")).exists();
        assertThat(export(out, "--format", "ids", "--overwrite").exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(PalettePng.read(mine).labels())
                .isEqualTo(PalettePng.read(out.resolve("a.png")).labels());
    }

    @Test
    void namesInASummaryLeadNowhere() throws IOException {
        segment(out);
        Path summary = out.resolve("summary.json");
        String whole = Files.readString(summary);
        Files.copy(out.resolve("a.png"), folder.resolve("a.png"));
        Files.writeString(summary, whole.replace("\"labels\" : \"a.png\"", "\"labels\" : \"../a.png\""));
        CommandLineRun run = export(out, "--format", "ids");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("leads out of the folder");
        assertThat(folder.resolve("ids")).doesNotExist();
    }

    @Test
    void whatCantBeMeantIsAUsageError() throws IOException {
        segment(out);
        Object[][] wrong = {
            {"did you mean coco?", out, "--format", "png,coca"},
            {"--format", out},
            {"--class", out, "--format", "cutout"},
            {"--class", out, "--format", "ids", "--class", "sky"},
            {"did you mean \"cluster 5\"?", out, "--format", "cutout", "--class", "clutter 5"},
            {"cityscapes has no id", out, "--format", "cityscapes"},
            {"there is no such folder", folder.resolve("nowhere"), "--format", "ids"},
            {"has no summary.json", photos, "--format", "ids"},
        };
        for (Object[] each : wrong) {
            CommandLineRun run = export(Arrays.copyOfRange(each, 1, each.length));
            assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.USAGE);
            assertThat(run.err()).contains(each[0].toString()).contains("Try 'stego-kernels export --help'");
        }
        assertThat(segment(folder.resolve("x"), "--format", "tiff").err()).contains("did you mean");
        assertThat(segment(folder.resolve("x"), "--format", "ids", "--skip-existing")
                        .err())
                .contains("add png to --format");
        Files.move(photos.resolve("trip"), photos.resolve("ids"));
        assertThat(segment(folder.resolve("x"), "--format", "ids").err()).contains("in one folder");
    }

    @Test
    void theHelpNamesAllFormats() {
        for (String command : List.of("segment", "export")) {
            String help = CommandLineRun.of(command, "--help").out().replaceAll("\\s+", " ");
            assertThat(help).contains(String.join(", ", Format.titles()));
        }
    }
}
