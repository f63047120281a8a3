package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.geom.Point2D;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.raster.GeoReference;
import org.stegokernels.raster.Raster;
import org.stegokernels.raster.Raster.Region;

/** Results of a picture that has a place on the ground. */
class GeoTiffResultsTest {
    private static final Path MODEL = Path.of("kernels/reference/pipeline.safetensors");
    private static final int WIDTH = 120;
    private static final int HEIGHT = 100;

    @TempDir
    Path folder;

    private Path out;

    @BeforeEach
    void folders() {
        out = folder.resolve("out");
    }

    private Path scene(int epsg) throws IOException {
        return Pictures.scene(folder.resolve("photos/scene.tif"), WIDTH, HEIGHT, epsg);
    }

    private CommandLineRun segment(Object... arguments) {
        List<Object> all = new ArrayList<>(
                List.of("segment", folder.resolve("photos"), "--out", out, "--size", 64, "--model", MODEL));
        all.addAll(Arrays.asList(arguments));
        return CommandLineRun.of(all.toArray());
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    private List<JsonNode> points(JsonNode collection) {
        List<JsonNode> points = new ArrayList<>();
        collection
                .at("/features")
                .forEach(feature -> feature.at("/geometry/coordinates").forEach(ring -> ring.forEach(points::add)));
        return points;
    }

    @Test
    void labelsAndConfidenceLieWhereThePictureLies() throws IOException {
        Path scene = scene(32633);
        Pictures.png(folder.resolve("photos/plain.png"), 64, 64);
        CommandLineRun run = segment("--confidence");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(out.resolve("scene.png")).doesNotExist();
        assertThat(out.resolve("plain.png")).exists();
        assertThat(out.resolve("plain.confidence.png")).exists();
        try (Raster source = Raster.open(scene);
                Raster labels = Raster.openLabels(out.resolve("scene.tif"));
                Raster confidence = Raster.openLabels(out.resolve("scene.confidence.tif"))) {
            for (Raster each : List.of(labels, confidence)) {
                GeoReference place = each.geoReference().orElseThrow();
                assertThat(place.epsg()).hasValue(32633);
                assertThat(place.pixelToCrs())
                        .isEqualTo(source.geoReference().orElseThrow().pixelToCrs());
            }
            Region all = new Region(0, 0, WIDTH, HEIGHT);
            double[] ids = labels.samples(all, 1)[0];
            double[] sure = confidence.samples(all, 1)[0];
            for (int i = 0; i < ids.length; i++) {
                boolean noData = i % WIDTH < WIDTH / 4;
                assertThat(ids[i] == LabelMap.IGNORE).isEqualTo(noData);
                assertThat(sure[i] == 0).isEqualTo(noData);
            }
        }
        JsonNode images = json(out.resolve("summary.json")).at("/images");
        assertThat(images.at("/1/labels").asText()).isEqualTo("scene.tif");
        double shares = 0;
        for (JsonNode found : images.at("/1/classes")) {
            shares += found.at("/share").asDouble();
        }
        assertThat(shares).isCloseTo(0.75, within(1e-5));
        assertThat(segment("--confidence", "--skip-existing").out()).contains("2 skipped");
    }

    @Test
    void whereThePictureIsNotWholeLabelsHaveNoPlace() throws IOException {
        scene(32633);
        assertThat(segment("--protocol", "published").exitCode()).isZero();
        assertThat(PalettePng.read(out.resolve("scene.png")).width()).isEqualTo(64);
        assertThat(out.resolve("scene.tif")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void polygonsHaveLongitudeAndLatitude(boolean tiled) throws IOException {
        Path scene = scene(32633);
        CommandLineRun run =
                tiled ? segment("--format", "png,geojson", "--tile", 64) : segment("--format", "png,geojson");
        assertThat(run.err()).isEmpty();
        Path file = out.resolve("geojson/scene.geojson");
        JsonNode collection = json(file);
        assertThat(collection.has("crs")).isFalse();
        Point2D.Double first;
        Point2D.Double last;
        try (Raster raster = Raster.open(scene)) {
            GeoReference place = raster.geoReference().orElseThrow();
            first = place.longitudeLatitude(WIDTH / 4, 0);
            last = place.longitudeLatitude(WIDTH, HEIGHT);
        }
        List<JsonNode> points = points(collection);
        assertThat(points.stream()
                        .mapToDouble(point -> point.get(0).asDouble())
                        .min()
                        .orElseThrow())
                .isCloseTo(first.x, within(1e-6));
        assertThat(points.stream()
                        .mapToDouble(point -> point.get(1).asDouble())
                        .max()
                        .orElseThrow())
                .isCloseTo(first.y, within(1e-4));
        assertThat(points.stream()
                        .mapToDouble(point -> point.get(0).asDouble())
                        .max()
                        .orElseThrow())
                .isCloseTo(last.x, within(1e-4));
        assertThat(points.stream()
                        .mapToDouble(point -> point.get(1).asDouble())
                        .min()
                        .orElseThrow())
                .isCloseTo(last.y, within(1e-4));
        byte[] atOnce = Files.readAllBytes(file);
        Files.delete(file);
        assertThat(CommandLineRun.of("export", out, "--format", "geojson").err())
                .isEmpty();
        assertThat(file).hasBinaryContent(atOnce);
    }

    /** By gdaltransform, longitude 180 and latitude 46.9 is (728495.1, 5198421.3) in zone 60. */
    @Test
    void polygonsAcrossTheAntimeridianAreNotTorn() throws IOException {
        Pictures.scene(folder.resolve("photos/scene.tif"), WIDTH, HEIGHT, 32660, 728_000, 5_198_900);
        segment("--format", "geojson");
        double[] longitudes = points(json(out.resolve("geojson/scene.geojson"))).stream()
                .mapToDouble(point -> point.get(0).asDouble())
                .sorted()
                .toArray();
        assertThat(longitudes[0]).isBetween(179.99, 180.0);
        assertThat(longitudes[longitudes.length - 1]).isBetween(180.0, 180.02);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void polygonsKeepTheCoordinatesOfThePicture(boolean later) throws IOException {
        scene(32633);
        if (later) {
            segment();
            CommandLineRun.of("export", out, "--format", "geojson", "--crs", "source");
        } else {
            segment("--format", "png,geojson", "--crs", "source");
        }
        JsonNode collection = json(out.resolve("geojson/scene.geojson"));
        assertThat(collection.at("/crs/properties/name").asText()).isEqualTo("urn:ogc:def:crs:EPSG::32633");
        for (JsonNode point : points(collection)) {
            double column = (point.get(0).asDouble() - 500_000) / 10;
            double row = (5_200_000 - point.get(1).asDouble()) / 10;
            assertThat(column).isBetween(WIDTH / 4.0, (double) WIDTH).isEqualTo(Math.rint(column));
            assertThat(row).isBetween(0.0, (double) HEIGHT).isEqualTo(Math.rint(row));
        }
    }

    @Test
    void aReferenceSystemThatIsNotKnownIsSaidBeforeAnythingIsComputed() throws IOException {
        scene(9999);
        Pictures.png(folder.resolve("photos/plain.png"), 64, 64);
        for (String tile : List.of("", "--tile=64")) {
            CommandLineRun run =
                    tile.isEmpty() ? segment("--format", "png,geojson") : segment("--format", "png,geojson", tile);
            assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
            assertThat(run.err())
                    .contains("scene.tif: its coordinate reference system EPSG:9999 is not known", "--crs source");
            assertThat(out.resolve("scene.tif")).doesNotExist();
            assertThat(out.resolve("geojson/plain.geojson")).exists();
        }
        assertThat(segment("--format", "png,geojson", "--crs", "source").err()).isEmpty();
        assertThat(json(out.resolve("geojson/scene.geojson"))
                        .at("/crs/properties/name")
                        .asText())
                .endsWith("EPSG::9999");
        CommandLineRun run = CommandLineRun.of("export", out, "--format", "geojson");
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.err()).contains("EPSG:9999 is not known", "--crs source");
    }

    @Test
    void aPictureIsNotReplacedByItsLabels() throws IOException {
        Path scene = scene(32633);
        out = scene.getParent();
        CommandLineRun run = segment();
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("would overwrite the photograph " + scene);
    }
}
