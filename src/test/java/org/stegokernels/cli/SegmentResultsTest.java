package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.export.ObjectMap;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.RgbImage;
import org.stegokernels.report.PhotographIndex;
import picocli.CommandLine;

/** Results of a segmentation beside its labels, and their use by a later run. */
class SegmentResultsTest {
    private static final Path MODEL = Path.of("kernels/reference/pipeline.safetensors");
    private static final Path BACKBONE = Path.of("kernels/reference/vit_micro_p8.safetensors");

    @TempDir
    Path folder;

    private Path photos;
    private Path out;

    @BeforeEach
    void folders() throws IOException {
        photos = Files.createDirectory(folder.resolve("photos"));
        out = folder.resolve("out");
    }

    private CommandLineRun segment(Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("segment", photos, "--out", out, "--size", 64));
        if (!List.of(arguments).contains("--model")) {
            all.addAll(List.of("--model", MODEL));
        }
        all.addAll(Arrays.asList(arguments));
        return CommandLineRun.of(all.toArray());
    }

    private JsonNode summary() throws IOException {
        return new ObjectMapper().readTree(out.resolve("summary.json").toFile());
    }

    private List<String> results() throws IOException {
        try (Stream<Path> files = Files.list(out)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith(".") && !name.equals(PhotographIndex.FILE))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void theOverlayMayBeAJpegOrSmallerOrNone() throws IOException {
        Pictures.png(photos.resolve("a.png"), 120, 90);
        segment();
        RgbImage whole = ImageReader.read(out.resolve("a.overlay.png"));
        byte[] labels = Files.readAllBytes(out.resolve("a.png"));

        out = folder.resolve("jpg");
        segment("--overlay", "jpg");
        assertThat(results()).containsExactly("a.overlay.jpg", "a.png", "summary.json");
        assertThat(summary().at("/images/0/overlay").asText()).isEqualTo("a.overlay.jpg");
        RgbImage jpeg = ImageReader.read(out.resolve("a.overlay.jpg"));
        assertThat(jpeg.width()).isEqualTo(120);
        assertThat(jpeg.height()).isEqualTo(whole.height());
        long difference = 0;
        for (int i = 0; i < jpeg.rgb().length; i++) {
            difference += Math.abs((jpeg.rgb()[i] & 0xFF) - (whole.rgb()[i] & 0xFF));
        }
        assertThat((double) difference / jpeg.rgb().length).isLessThan(12);

        out = folder.resolve("small");
        segment("--overlay-size", 60);
        RgbImage small = ImageReader.read(out.resolve("a.overlay.png"));
        assertThat(small.width()).isEqualTo(60);
        assertThat(small.height()).isGreaterThanOrEqualTo(45);
        assertThat(Files.readAllBytes(out.resolve("a.png"))).isEqualTo(labels);

        out = folder.resolve("large");
        segment("--overlay-size", 600);
        assertThat(ImageReader.read(out.resolve("a.overlay.png")).rgb()).isEqualTo(whole.rgb());

        out = folder.resolve("none");
        segment("--overlay", "none");
        assertThat(results()).containsExactly("a.png", "summary.json");
        assertThat(summary().at("/images/0/overlay").isMissingNode()).isTrue();
    }

    @Test
    void theConfidenceIsGreyOf16Bits() throws IOException {
        Pictures.png(photos.resolve("a.png"), 120, 90);
        segment("--confidence");
        assertThat(results()).containsExactly("a.confidence.png", "a.overlay.png", "a.png", "summary.json");
        assertThat(summary().at("/images/0/confidence").asText()).isEqualTo("a.confidence.png");
        Raster raster = ImageIO.read(out.resolve("a.confidence.png").toFile()).getRaster();
        assertThat(raster.getSampleModel().getSampleSize(0)).isEqualTo(16);
        assertThat(raster.getWidth()).isEqualTo(120);
        LabelMap labels = PalettePng.read(out.resolve("a.png"));
        int classes = summary().at("/classes").size();
        double[] sums = new double[classes];
        for (int y = 0; y < 90; y++) {
            for (int x = 0; x < 120; x++) {
                double value = raster.getSample(x, y, 0) / 65535.0;
                // The reference model has as many candidates as classes.
                assertThat(value).isBetween(0.99 / classes, 1.0);
                sums[labels.label(x, y)] += value;
            }
        }
        int most = sums[3] > sums[4] ? 3 : 4;
        for (JsonNode found : summary().at("/images/0/classes")) {
            if (found.at("/id").asInt() == most) {
                assertThat(sums[most] / labels.counts()[most])
                        .isCloseTo(found.at("/score").asDouble(), within(0.02));
            }
        }
    }

    @Test
    void whatIsUnsureIsNoClass() throws IOException {
        Pictures.png(photos.resolve("a.png"), 120, 90);
        segment("--confidence");
        byte[] all = PalettePng.read(out.resolve("a.png")).labels();
        Raster raster = ImageIO.read(out.resolve("a.confidence.png").toFile()).getRaster();
        int[] confidence = raster.getSamples(0, 0, 120, 90, 0, (int[]) null);
        int[] sorted = confidence.clone();
        Arrays.sort(sorted);
        int ignoredBefore = 0;
        for (double part : new double[] {0.2, 0.5, 0.8}) {
            double threshold = sorted[(int) (part * sorted.length)] / 65535.0;
            assertThat(segment("--unsure", threshold).exitCode()).isEqualTo(ExitCode.DONE);
            LabelMap labels = PalettePng.read(out.resolve("a.png"));
            int ignored = labels.counts()[LabelMap.IGNORE];
            for (int i = 0; i < all.length; i++) {
                // Rounding to 16 bits takes the pixels at the threshold out of the comparison.
                if (Math.abs(confidence[i] - threshold * 65535) > 1) {
                    boolean unsure = confidence[i] < threshold * 65535;
                    assertThat(labels.labels()[i]).isEqualTo(unsure ? (byte) LabelMap.IGNORE : all[i]);
                }
            }
            assertThat(ignored).isGreaterThan(ignoredBefore);
            double shares = 0;
            for (JsonNode found : summary().at("/images/0/classes")) {
                shares += found.at("/share").asDouble();
            }
            assertThat(shares).isCloseTo(1 - ignored / (120.0 * 90), within(1e-4));
            ignoredBefore = ignored;
        }
    }

    @Test
    void noObjectIsBelowTheLeastArea() throws IOException {
        Pictures.jpeg(photos.resolve("a.jpg"), 120, 90);
        segment("--no-crf");
        int before = ObjectMap.of(PalettePng.read(out.resolve("a.png"))).count();
        segment("--no-crf", "--min-area", 150);
        LabelMap labels = PalettePng.read(out.resolve("a.png"));
        ObjectMap objects = ObjectMap.of(labels);
        assertThat(objects.count()).isLessThan(before);
        assertThat(Arrays.stream(objects.areas()).min().orElseThrow()).isGreaterThanOrEqualTo(150);
        for (JsonNode found : summary().at("/images/0/classes")) {
            double share = labels.counts()[found.at("/id").asInt()] / (120.0 * 90);
            assertThat(found.at("/share").asDouble()).isCloseTo(share, within(1e-5));
        }
    }

    @Test
    void whatCantBeMeantIsAUsageError() throws IOException {
        Pictures.png(photos.resolve("a.png"), 64, 64);
        Object[][] wrong = {
            {"--unsure", 1.5},
            {"--unsure", "NaN"},
            {"--min-area", 0},
            {"--overlay-size", 3},
            {"--overlay", "gif"},
            {"--overlay-size", 99, "--overlay", "none"}
        };
        for (Object[] arguments : wrong) {
            CommandLineRun run = segment(arguments);
            assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.USAGE);
            assertThat(run.err()).contains(arguments[0].toString());
        }
    }

    /** Runs over three photographs, and returns how many the summary has each time that the clock is asked. */
    private List<Integer> savedWhileTheClockGoesBy(long seconds, Object... arguments) throws IOException {
        for (String name : List.of("a", "b", "c")) {
            Pictures.png(photos.resolve(name + ".png"), 64, 64);
        }
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        SegmentCommand command = new SegmentCommand(new Console(nowhere, nowhere, false, false, false));
        List<Integer> saved = new ArrayList<>();
        command.nanoTime = () -> {
            try {
                boolean there = Files.exists(out.resolve("summary.json"));
                saved.add(there ? summary().at("/images").size() : 0);
                assertThat(!there || summary().at("/stoppedOf").asInt() == 3).isTrue();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return saved.size() * seconds * 1_000_000_000;
        };
        List<Object> all = new ArrayList<>(List.of(photos, "--out", out, "--size", 64, "--model", MODEL));
        all.addAll(Arrays.asList(arguments));
        int exitCode = new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(all.stream().map(Object::toString).toArray(String[]::new));
        assertThat(exitCode).isEqualTo(ExitCode.DONE);
        assertThat(summary().at("/images")).hasSize(3);
        assertThat(summary().has("stoppedOf")).isFalse();
        return saved;
    }

    @Test
    void aLongRunLeavesASummaryEveryTenSeconds() throws IOException {
        assertThat(savedWhileTheClockGoesBy(11)).containsExactly(0, 0, 1, 2);
        out = folder.resolve("tiles");
        assertThat(savedWhileTheClockGoesBy(11, "--tile", 32)).containsExactly(0, 0, 1, 2);
        out = folder.resolve("short");
        assertThat(savedWhileTheClockGoesBy(3)).containsExactly(0, 0, 0, 0);
    }

    @Test
    void aRunThatEndsByAFailureLeavesASummaryAndASheetOfWhatIsDone() throws IOException {
        Pictures.png(photos.resolve("a.png"), 64, 64);
        Pictures.png(photos.resolve("b.png"), 64, 64);
        Files.createDirectories(out.resolve("coco/coco.json"));
        CommandLineRun run = segment("--format", "png,coco");
        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err()).contains("coco.json");
        assertThat(summary().at("/images")).hasSize(2);
        assertThat(Files.readString(out.resolve(PhotographIndex.FILE)))
                .contains("data-name=\"a.png\"", "data-name=\"b.png\"");
    }

    private void assertCounts(CommandLineRun run, int computed, int skipped) throws IOException {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out())
                .contains(computed + (computed == 1 ? " photograph " : " photographs ") + "segmented"
                        + (skipped == 0 ? " in " : ", " + skipped + " skipped, in "));
        assertThat(summary().at("/images")).hasSize(computed + skipped);
        assertThat(summary().at("/seconds/backbone").isMissingNode()).isEqualTo(computed == 0);
    }

    @Test
    void whatIsThereIsNotComputedAgain() throws IOException {
        Pictures.png(photos.resolve("a.png"), 120, 90);
        Pictures.png(photos.resolve("b.png"), 90, 120);
        assertCounts(segment("--skip-existing"), 2, 0);
        JsonNode before = summary();
        FileTime written = Files.getLastModifiedTime(out.resolve("a.png"));
        CommandLineRun again = segment("--skip-existing");
        assertCounts(again, 0, 2);
        assertThat(Files.getLastModifiedTime(out.resolve("a.png"))).isEqualTo(written);
        for (String part : List.of("/images", "/settings")) {
            assertThat(summary().at(part)).isEqualTo(before.at(part));
        }
        for (int id = 0; id < before.at("/classes").size(); id++) {
            assertThat(summary().at("/classes/" + id + "/name")).isEqualTo(before.at("/classes/" + id + "/name"));
            assertThat(summary().at("/classes/" + id + "/color")).isEqualTo(before.at("/classes/" + id + "/color"));
            assertThat(summary().at("/classes/" + id + "/share").asDouble())
                    .isCloseTo(before.at("/classes/" + id + "/share").asDouble(), within(2e-6));
        }
        Pictures.png(photos.resolve("c.png"), 64, 64);
        assertCounts(segment("--skip-existing"), 1, 2);
        assertCounts(segment(), 3, 0);
    }

    @Test
    void whatHasChangedIsComputedAgain() throws IOException {
        Path model = Files.copy(MODEL, folder.resolve("model.safetensors"));
        Path changed = Pictures.png(photos.resolve("a.png"), 120, 90);
        Pictures.png(photos.resolve("b.png"), 90, 120);
        Object[] plain = {"--model", model, "--skip-existing"};
        assertCounts(segment(plain), 2, 0);

        byte[] labels = Files.readAllBytes(out.resolve("a.png"));
        Files.write(changed, Files.readAllBytes(Pictures.png(folder.resolve("other.png"), 120, 90)));
        assertCounts(segment(plain), 1, 1);
        assertThat(Files.readAllBytes(out.resolve("a.png"))).isNotEqualTo(labels);

        Files.write(out.resolve("a.png"), new byte[] {1, 2, 3});
        assertThat(segment(plain).exitCode()).isEqualTo(ExitCode.USAGE);
        Files.delete(out.resolve("a.png"));
        assertCounts(segment(plain), 1, 1);
        Files.delete(out.resolve("b.overlay.png"));
        assertCounts(segment(plain), 1, 1);

        assertCounts(segment("--model", model, "--skip-existing", "--no-flip"), 2, 0);
        assertCounts(segment("--model", model, "--skip-existing", "--no-flip", "--min-area", 9), 2, 0);
        assertCounts(segment("--model", model, "--skip-existing", "--no-flip", "--min-area", 9, "--confidence"), 2, 0);
        assertCounts(segment("--model", model, "--skip-existing", "--no-flip", "--min-area", 9), 0, 2);
        Files.setLastModifiedTime(model, FileTime.fromMillis(1_000_000));
        assertCounts(segment("--model", model, "--skip-existing", "--no-flip", "--min-area", 9), 2, 0);
    }

    @Test
    void clustersAreFoundInAllPhotographsOrNone() throws IOException {
        Pictures.png(photos.resolve("a.png"), 96, 64);
        Pictures.png(photos.resolve("b.png"), 64, 96);
        Object[] arguments = {"--model", BACKBONE, "--clusters", 2, "--skip-existing"};
        assertCounts(segment(arguments), 2, 0);
        assertCounts(segment(arguments), 0, 2);
        Files.delete(out.resolve("b.png"));
        assertCounts(segment(arguments), 2, 0);
        Pictures.png(photos.resolve("c.png"), 64, 64);
        assertCounts(segment(arguments), 3, 0);
    }

    @Test
    void aSummaryThatCantBeReadOnlyCostsTime() throws IOException {
        Pictures.png(photos.resolve("a.png"), 64, 64);
        segment();
        String whole = Files.readString(out.resolve("summary.json"));
        for (String bad : List.of(
                "",
                "[]",
                whole.substring(0, whole.length() / 2),
                whole.replace("\"a.png\"", "\"../photos/a.png\""),
                whole.replace("\"segment\"", "\"features\""))) {
            Files.writeString(out.resolve("summary.json"), bad);
            CommandLineRun run = segment("--skip-existing", "--overwrite");
            assertCounts(run, 1, 0);
            assertThat(run.err()).contains("warning: ", "summary.json", "no photograph is skipped");
        }
    }
}
