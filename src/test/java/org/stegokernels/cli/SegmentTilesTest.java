package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
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
                    .filter(name -> !name.equals(ResultFolder.RECORD))
                    .sorted()
                    .toList();
        }
    }

    /** Reads the indices of a TIFF with a palette as the JDK does. */
    private static byte[] labels(Path tiff) throws IOException {
        return ((DataBufferByte) ImageIO.read(tiff.toFile()).getRaster().getDataBuffer()).getData();
    }

    /** Four bands of 16 bits in UTM zone 33; 0 in the left quarter, which is "no data". */
    private Path scene(int width, int height) throws IOException {
        byte[] noData = "0\0".getBytes(StandardCharsets.US_ASCII);
        int[][] tags = {
            {256, 3, 1, width},
            {257, 3, 1, height},
            {258, 3, 4, 200},
            {259, 3, 1, 1},
            {262, 3, 1, 1},
            {273, 4, 1, 400},
            {277, 3, 1, 4},
            {278, 3, 1, height},
            {279, 4, 1, 8 * width * height},
            {33550, 12, 3, 210},
            {33922, 12, 6, 240},
            {34735, 3, 12, 300},
            {42113, 2, 2, noData[0]},
        };
        ByteBuffer bytes = ByteBuffer.allocate(400 + 8 * width * height).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8).putShort((short) tags.length);
        for (int[] tag : tags) {
            bytes.putShort((short) tag[0])
                    .putShort((short) tag[1])
                    .putInt(tag[2])
                    .putInt(tag[3]);
        }
        bytes.putInt(0);
        bytes.position(200);
        for (int band = 0; band < 4; band++) {
            bytes.putShort((short) 16);
        }
        bytes.position(210);
        for (double value : new double[] {10, 10, 0, 0, 0, 0, 500_000, 5_200_000, 0}) {
            bytes.putDouble(value);
        }
        bytes.position(300);
        for (int value : new int[] {1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32633}) {
            bytes.putShort((short) value);
        }
        bytes.position(400);
        Random random = new Random(1);
        for (int i = 0; i < width * height; i++) {
            boolean empty = i % width < width / 4;
            for (int band = 0; band < 4; band++) {
                int level = i / width < height / 2 ? 300 : 900;
                bytes.putShort((short) (empty ? 0 : level + 100 * band + random.nextInt(60)));
            }
        }
        return Files.write(folder.resolve("scene.tif"), bytes.array());
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
                "--tile 64 --min-area 9",
                "--tile 64 --format coco",
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
