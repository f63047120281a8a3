package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.raster.GeoReference;
import org.stegokernels.raster.Raster;
import org.stegokernels.raster.Raster.Region;
import org.stegokernels.report.PhotographIndex;

class SegmentTilesTest {
    /** A STEGO model with six classes; patches of 8 pixels. */
    private static final Path MODEL = Path.of("kernels/reference/pipeline.safetensors");

    @TempDir
    private Path folder;

    private Path out;

    @BeforeEach
    void folders() {
        out = folder.resolve("out");
    }

    private CommandLineRun segment(Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("segment", "--out", out, "--size", 64, "--model", MODEL));
        all.addAll(Arrays.asList(arguments));
        return CommandLineRun.of(all.toArray());
    }

    private JsonNode summary() throws IOException {
        return new ObjectMapper().readTree(out.resolve("summary.json").toFile());
    }

    private List<String> results() throws IOException {
        try (Stream<Path> files = Files.list(out)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(ResultFolder.RECORD) && !name.equals(PhotographIndex.FILE))
                    .sorted()
                    .toList();
        }
    }

    /** Reads the indices of a TIFF with a palette as the JDK does. */
    private static byte[] labels(Path tiff) throws IOException {
        return ((DataBufferByte) ImageIO.read(tiff.toFile()).getRaster().getDataBuffer()).getData();
    }

    private Path scene(int width, int height) throws IOException {
        return Pictures.scene(folder.resolve("scene.tif"), width, height, 32633);
    }

    @Test
    void labelsOfAGeoTiffLieWhereItLies() throws IOException {
        Path scene = scene(240, 200);
        CommandLineRun run = segment(scene, "--tile", 64, "--bands", "4,3,2", "--confidence");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(results()).containsExactly("scene.confidence.tif", "scene.overlay.png", "scene.tif", "summary.json");
        try (Raster source = Raster.open(scene);
                Raster labels = Raster.open(out.resolve("scene.tif"));
                Raster confidence = Raster.open(out.resolve("scene.confidence.tif"))) {
            GeoReference place = labels.geoReference().orElseThrow();
            assertThat(place.epsg()).hasValue(32633);
            assertThat(place.pixelToCrs())
                    .isEqualTo(source.geoReference().orElseThrow().pixelToCrs());
            Region all = new Region(0, 0, 240, 200);
            byte[] ids = labels(out.resolve("scene.tif"));
            double[] sure = confidence.samples(all, 1)[0];
            for (int i = 0; i < sure.length; i++) {
                assertThat(sure[i] == 0).isEqualTo(i % 240 < 60);
                assertThat(ids[i] == (byte) LabelMap.IGNORE).isEqualTo(i % 240 < 60);
            }
        }
        JsonNode image = summary().at("/images/0");
        assertThat(image.at("/width").asInt()).isEqualTo(240);
        assertThat(image.at("/labels").asText()).isEqualTo("scene.tif");
        double shares = 0;
        for (JsonNode each : image.at("/classes")) {
            shares += each.at("/share").asDouble();
        }
        assertThat(shares).isCloseTo(0.75, within(1e-5));
        assertThat(summary().at("/settings/tile").asInt()).isEqualTo(64);
        assertThat(summary().at("/settings/bands").asText()).isEqualTo("4,3,2");
    }

    @Test
    void aPhotographOfOneTileHasTheLabelsThatItHasWithoutTiles() throws IOException {
        Path photo = Pictures.png(folder.resolve("photos/a.png"), 96, 96);
        assertThat(segment(photo, "--tile", 96).exitCode()).isZero();
        byte[] tiled = PalettePng.read(out.resolve("a.png"), ImageReader.Limits.DEFAULT)
                .labels();
        assertThat(segment(photo).exitCode()).isZero();
        assertThat(tiled)
                .isEqualTo(PalettePng.read(out.resolve("a.png"), ImageReader.Limits.DEFAULT)
                        .labels());
    }

    @Test
    void theOverlayIsSmall() throws IOException {
        Path photo = Pictures.png(folder.resolve("photos/wide.png"), 2600, 30);
        assertThat(segment(photo, "--tile", 640).exitCode()).isZero();
        assertThat(ImageReader.size(out.resolve("wide.overlay.png")).width()).isEqualTo(2000);
        assertThat(segment(photo, "--tile", 640, "--overlay-size", 300).exitCode())
                .isZero();
        assertThat(ImageReader.size(out.resolve("wide.overlay.png")).width()).isEqualTo(300);
    }

    @Test
    void aPictureThatFailsFailsAlone() throws IOException {
        Path photos = folder.resolve("photos");
        Pictures.png(photos.resolve("good.png"), 70, 50);
        Pictures.truncatedJpeg(photos.resolve("cut.jpg"));
        CommandLineRun run = segment(photos, "--tile", 64);
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(summary().at("/images")).hasSize(1);
        assertThat(summary().at("/failures/0/input").asText()).endsWith("cut.jpg");
        assertThat(results()).containsExactly("good.overlay.png", "good.png", "summary.json");
    }

    @Test
    void whatIsThereIsSkipped() throws IOException {
        Path scene = scene(80, 64);
        assertThat(segment(scene, "--tile", 64).exitCode()).isZero();
        assertThat(segment(scene, "--tile", 64, "--skip-existing").out()).contains("1 skipped");
        assertThat(segment(scene, "--tile", 32, "--skip-existing").out()).doesNotContain("skipped");
        assertThat(segment(scene, "--tile", 32, "--skip-existing").out()).contains("1 skipped");
        assertThat(segment(scene, "--tile", 32, "--bands", "3", "--skip-existing")
                        .out())
                .doesNotContain("skipped");
    }

    private Map<String, byte[]> formats(Path results) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(results)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = results.relativize(file).toString();
                if (name.contains("/") || name.startsWith("objects.")) {
                    files.put(name, Files.readAllBytes(file));
                }
            }
        }
        return files;
    }

    @ParameterizedTest
    @ValueSource(strings = {"scene.tif", "a.png"})
    void formatsAreWrittenFromTilesAsExportWritesThemLater(String name) throws IOException {
        Path photo = name.endsWith(".tif") ? scene(150, 130) : Pictures.png(folder.resolve("photos/a.png"), 150, 130);
        String all = "png,ids,instances,color,npy,coco,coco-polygons,yolo,geojson,labelstudio,cvat,objects";
        CommandLineRun run = segment(photo, "--tile", 64, "--no-crf", "--format", all);
        assertThat(run.err()).isEmpty();
        Map<String, byte[]> atOnce = formats(out);
        assertThat(atOnce).hasSizeGreaterThan(13).containsKeys("objects.csv", "coco/coco.json", "cvat/labelmap.txt");
        Path later = folder.resolve("later");
        assertThat(CommandLineRun.of("export", out, "--format", all, "-o", later)
                        .err())
                .isEmpty();
        Map<String, byte[]> exported = formats(later);
        assertThat(exported.keySet()).isEqualTo(atOnce.keySet());
        atOnce.forEach((file, bytes) -> assertThat(exported.get(file)).as(file).isEqualTo(bytes));
        byte[] ids = PalettePng.read(later.resolve(name.replace(".tif", ".png")), ImageReader.Limits.DEFAULT)
                .labels();
        byte[] labels = name.endsWith(".tif")
                ? labels(out.resolve(name))
                : PalettePng.read(out.resolve(name), ImageReader.Limits.DEFAULT).labels();
        assertThat(ids).isEqualTo(labels);
        out = folder.resolve("skipped");
        segment(photo, "--tile", 64, "--no-crf", "--confidence");
        assertThat(segment(photo, "--tile", 64, "--no-crf", "--skip-existing", "--format", all)
                        .out())
                .contains("1 skipped");
        Map<String, byte[]> kept = formats(out);
        atOnce.forEach((file, bytes) -> assertThat(kept.get(file)).as(file).isEqualTo(bytes));
    }

    @Test
    void specksOfTilesAreMergedAsThoseOfAPhotograph() throws IOException {
        Path photo = Pictures.jpeg(folder.resolve("a.jpg"), 96, 96);
        for (Object[] options : new Object[][] {{"--no-crf"}, {"--no-crf", "--confidence"}}) {
            List<Object> arguments = new ArrayList<>(List.of(photo, "--min-area", 150));
            arguments.addAll(Arrays.asList(options));
            assertThat(segment(arguments.toArray()).exitCode()).isZero();
            JsonNode image = summary().at("/images/0/classes");
            LabelMap expected = PalettePng.read(out.resolve("a.png"), ImageReader.Limits.DEFAULT);
            arguments.addAll(List.of("--tile", 96));
            assertThat(segment(arguments.toArray()).exitCode()).isZero();
            assertThat(PalettePng.read(out.resolve("a.png"), ImageReader.Limits.DEFAULT)
                            .labels())
                    .isEqualTo(expected.labels());
            assertThat(summary().at("/images/0/classes")).hasSize(image.size());
            for (int i = 0; i < image.size(); i++) {
                JsonNode found = summary().at("/images/0/classes/" + i);
                assertThat(found.at("/id").asInt())
                        .isEqualTo(image.at("/" + i + "/id").asInt());
                assertThat(found.at("/share").asDouble())
                        .isCloseTo(image.at("/" + i + "/share").asDouble(), within(2e-6));
                assertThat(found.at("/score").asDouble())
                        .isCloseTo(image.at("/" + i + "/score").asDouble(), within(2e-5));
            }
        }
    }

    @Test
    void theSheetShowsThemSmallAndTheSameWhenTheyAreSkipped() throws IOException {
        Path scene = scene(1400, 700);
        assertThat(segment(scene, "--tile", 350).exitCode()).isZero();
        String sheet = Files.readString(out.resolve(PhotographIndex.FILE));
        assertThat(sheet).contains("data-name=\"scene.tif\"", "href=\"./scene.overlay.png\"", "width=\"640\"");
        assertThat(segment(scene, "--tile", 350, "--skip-existing").err()).isEmpty();
        String again = Files.readString(out.resolve(PhotographIndex.FILE));
        String texts = "data-shares=\"[^\"]+|<button .*|<img |width=\"[^>]+";
        assertThat(found(texts, again)).hasSizeGreaterThan(5).isEqualTo(found(texts, sheet));
        List<String> before = found("(?<=base64,)[^\"]+", sheet);
        List<String> after = found("(?<=base64,)[^\"]+", again);
        assertThat(before).hasSize(2);
        for (int picture = 0; picture < 2; picture++) {
            assertThat(difference(before.get(picture), after.get(picture))).isLessThan(4);
        }
        assertThat(difference(before.get(0), before.get(1))).isGreaterThan(20);
    }

    private static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .toList();
    }

    /** Returns the mean difference of two JPEG files. */
    private static double difference(String a, String b) {
        byte[] first = ImageReader.read(Base64.getDecoder().decode(a)).rgb();
        byte[] second = ImageReader.read(Base64.getDecoder().decode(b)).rgb();
        long sum = 0;
        for (int i = 0; i < first.length; i++) {
            sum += Math.abs((first[i] & 0xFF) - (second[i] & 0xFF));
        }
        return (double) sum / first.length;
    }

    @Test
    void theLimitOnPixelsIsThatOfTheOption() throws IOException {
        Path photo = Pictures.png(folder.resolve("photos/a.png"), 200, 100);
        CommandLineRun run = segment(photo, "--tile", 64, "--max-pixels", "10000");
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.err()).contains("--max-pixels");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--bands 1",
                "--stretch none",
                "--tile 15",
                "--tile 64 --clusters 3",
                "--tile 64 --protocol published",
                "--tile 64 --class 1 --format cutout",
                "--tile 64 --bands 1,2",
                "--tile 64 --stretch 98,2"
            })
    void wrongUseIsRefusedByName(String options) throws IOException {
        Path photo = Pictures.png(folder.resolve("photos/a.png"), 64, 64);
        List<Object> arguments = new ArrayList<>(List.of(photo));
        arguments.addAll(List.of(options.split(" ")));
        CommandLineRun run = segment(arguments.toArray());
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        String[] words = options.split(" ");
        assertThat(run.err()).contains(words[words.length - 2]);
    }
}
