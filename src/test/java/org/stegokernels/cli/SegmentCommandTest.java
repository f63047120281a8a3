package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.report.PhotographIndex;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;

class SegmentCommandTest {
    /** A STEGO model with six classes; patches of 8 pixels. */
    private static final Path MODEL = Path.of("kernels/reference/pipeline.safetensors");
    /** A vision transformer alone; patches of 8 pixels. */
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
        List<Object> all = new ArrayList<>(List.of("segment", "--out", out, "--size", 64));
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
        try (Stream<Path> files = Files.walk(out)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith(ResultFolder.RECORD) && !file.endsWith(PhotographIndex.FILE))
                    .map(file -> out.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    /** A model whose values are finite, and whose features are not. */
    private Path overflowing() throws IOException {
        try (Safetensors file = Safetensors.open(MODEL)) {
            Map<String, TypedTensor> tensors = MemoryFiles.tensors(file);
            String name = "backbone.patch_embed.proj.weight";
            float[] values = file.floats(name);
            for (int i = 0; i < values.length; i++) {
                values[i] *= 1e22f;
            }
            tensors.put(name, TypedTensor.of(new HostTensor(file.entry(name).shape(), values)));
            Path model = folder.resolve("overflowing.safetensors");
            SafetensorsWriter.writeTyped(model, tensors, file.metadata());
            return model;
        }
    }

    @Test
    void weightsThatOverflowFailThePhotographAndNameTheStage() throws IOException {
        Path photograph = Pictures.png(photos.resolve("a.png"), 64, 64);
        CommandLineRun run = segment(photos, "--model", overflowing());
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.err()).contains("NaN or overflow in the backbone's tokens", photograph.toString());
        assertThat(results()).containsExactly("summary.json");
    }

    @Test
    void weightsThatOverflowAreABadModelWhereAllPicturesAreOneTask() throws IOException {
        for (int i = 0; i < 4; i++) {
            Pictures.png(photos.resolve(i + ".png"), 64, 64);
        }
        Path model = overflowing();
        Path found = folder.resolve("found");
        for (List<Object> command : List.<List<Object>>of(
                List.of("cluster", "--data", photos, "--clusters", 2, "--model", model, "--size", 64, "-o", found),
                List.of("knn", "--data", photos, "--model", model, "--size", 64, "-o", found))) {
            CommandLineRun run = CommandLineRun.of(command.toArray());
            assertThat(run.err()).contains("NaN or overflow in the backbone's tokens", "0.png");
            assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_MODEL);
        }
    }

    @Test
    void writesLabelsAnOverlayAndASummary() throws IOException {
        Pictures.png(photos.resolve("a.png"), 120, 90);
        Pictures.jpeg(photos.resolve("b.jpg"), 75, 101);
        Pictures.png(photos.resolve("sub/c.png"), 64, 64);
        CommandLineRun run = segment(photos);
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(results())
                .containsExactly(
                        "a.overlay.png",
                        "a.png",
                        "b.overlay.png",
                        "b.png",
                        "sub/c.overlay.png",
                        "sub/c.png",
                        "summary.json");

        LabelMap labels = PalettePng.read(out.resolve("b.png"));
        assertThat(labels.width()).isEqualTo(75);
        assertThat(labels.height()).isEqualTo(101);
        assertThat(Arrays.stream(labels.counts()).limit(6).sum()).isEqualTo(75 * 101);
        assertThat(ImageReader.read(out.resolve("b.overlay.png")).width()).isEqualTo(75);

        JsonNode summary = summary();
        assertThat(summary.at("/device/id").asText()).isEqualTo("cpu");
        assertThat(summary.at("/settings/size").asInt()).isEqualTo(64);
        assertThat(summary.at("/settings/crf").asBoolean()).isTrue();
        assertThat(summary.at("/seconds/backbone").asDouble()).isPositive();
        assertThat(summary.at("/failures")).isEmpty();
        JsonNode second = summary.at("/images/1");
        assertThat(second.at("/input").asText())
                .isEqualTo(photos.resolve("b.jpg").toString());
        assertThat(second.at("/labels").asText()).isEqualTo("b.png");
        assertThat(summary.at("/images/2/overlay").asText()).isEqualTo("sub/c.overlay.png");
        for (JsonNode found : second.at("/classes")) {
            double share = (double) labels.counts()[found.at("/id").asInt()] / (75 * 101);
            assertThat(found.at("/share").asDouble()).isCloseTo(share, within(1e-5));
            assertThat(found.at("/score").asDouble()).isBetween(1 / 6.0, 1.0);
        }
        double sum = 0;
        for (JsonNode each : summary.at("/classes")) {
            sum += each.at("/share").asDouble();
            assertThat(each.at("/color").asText()).matches("#[0-9a-f]{6}");
        }
        assertThat(sum).isCloseTo(1, within(1e-4));
        assertThat(run.out())
                .contains("3 photographs segmented")
                .contains("class  ")
                .doesNotContain("\u001b");
    }

    @Test
    void printsTheSummaryAsJson() throws IOException {
        CommandLineRun run = segment(Pictures.png(photos.resolve("a.png"), 64, 64), "--json");
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(new ObjectMapper().readTree(run.out())).isEqualTo(summary());
    }

    @Test
    void findsClustersInAllPhotographsTogether() throws IOException {
        Pictures.png(photos.resolve("a.png"), 96, 64);
        Pictures.png(photos.resolve("b.png"), 64, 96);
        CommandLineRun run = segment(photos, "--model", BACKBONE, "--clusters", 2, "--no-flip");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        LabelMap wide = PalettePng.read(out.resolve("a.png"));
        assertThat(wide.label(8, 32)).isNotEqualTo(wide.label(88, 32));
        LabelMap high = PalettePng.read(out.resolve("b.png"));
        assertThat(high.label(8, 48)).isEqualTo(wide.label(8, 32));
        assertThat(high.label(56, 48)).isEqualTo(wide.label(88, 32));
        assertThat(summary().at("/settings/clusters").asInt()).isEqualTo(2);

        byte[] first = Files.readAllBytes(out.resolve("a.png"));
        segment(photos, "--model", BACKBONE, "--clusters", 2, "--no-flip", "--threads", 1);
        assertThat(Files.readAllBytes(out.resolve("a.png"))).isEqualTo(first);
    }

    @Test
    void aBadPhotographFailsAlone() throws IOException {
        Pictures.png(photos.resolve("a.png"), 64, 64);
        Pictures.text(photos.resolve("b.jpg"));
        Pictures.truncatedJpeg(photos.resolve("c.jpg"));
        Pictures.hugeHeader(photos.resolve("d.png"));
        Pictures.png(photos.resolve("e.png"), 1, 1);
        for (List<Object> classes : List.<List<Object>>of(List.of(), List.of("--model", BACKBONE, "--clusters", 2))) {
            List<Object> arguments = new ArrayList<>(List.of(photos, folder.resolve("missing.jpg")));
            arguments.addAll(classes);
            CommandLineRun run = segment(arguments.toArray());
            assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
            assertThat(results()).containsExactly("a.overlay.png", "a.png", "e.overlay.png", "e.png", "summary.json");
            assertThat(summary().at("/images")).hasSize(2);
            assertThat(summary().at("/failures"))
                    .extracting(failure -> failure.at("/input").asText().replaceAll(".*/", ""))
                    .containsExactly("missing.jpg", "b.jpg", "c.jpg", "d.png");
            assertThat(run.err().lines())
                    .hasSize(4)
                    .allMatch(line -> line.startsWith("error: "))
                    .anyMatch(line -> line.contains("b.jpg") && line.contains("not an image"))
                    .anyMatch(line -> line.contains("c.jpg") && line.contains("ends before"))
                    .anyMatch(line -> line.contains("d.png") && line.contains("20000 x 20000"))
                    .anyMatch(line -> line.contains("missing.jpg") && line.contains("no such file"));
            assertThat(run.out()).contains("2 photographs segmented, 4 failed");
        }
    }

    @Test
    void anEmptyFolderIsAFailedInput() throws IOException {
        CommandLineRun run = segment(photos);
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.err()).contains("no photographs");
        assertThat(summary().at("/failures")).hasSize(1);
    }

    @Test
    void whenAllPhotographsFailThereAreNoClusters() throws IOException {
        Pictures.text(photos.resolve("b.jpg"));
        CommandLineRun run = segment(photos, "--model", BACKBONE, "--clusters", 2);
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(results()).containsExactly("summary.json");
    }

    @Test
    void filesThatLookLikeImagesAreNotLeftOutInSilence() throws IOException {
        Pictures.png(photos.resolve("a.png"), 64, 64);
        for (String name :
                List.of("b.HEIC", "sub/c.heif", "d.avif", "e.jp2", "f.CR2", "g.psd", "notes.txt", ".h.heic")) {
            Files.createDirectories(photos.resolve(name).getParent());
            Pictures.text(photos.resolve(name));
        }
        CommandLineRun run = segment(photos);
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        String line = "6 files that look like images (HEIC, AVIF, JPEG 2000, camera raw, Photoshop) were left out:"
                + " b.HEIC, d.avif, e.jp2, 3 more; convert to JPEG or PNG what should be used";
        assertThat(run.err()).isEqualToIgnoringNewLines("error: " + photos + ": " + line);
        assertThat(results()).containsExactly("a.overlay.png", "a.png", "summary.json");
        assertThat(summary().at("/failures")).hasSize(1);
        assertThat(summary().at("/failures/0/reason").asText()).isEqualTo(line);
        assertThat(summary().at("/failures/0/files"))
                .extracting(JsonNode::asText)
                .containsExactly("b.HEIC", "d.avif", "e.jp2", "f.CR2", "g.psd", "sub/c.heif");
        assertThat(run.out()).contains("1 photograph segmented, 6 failed, in");
        assertThat(segment(photos + "/*.png").err()).isEmpty();
        assertThat(segment(photos + "/*.jp2").err())
                .contains("1 file that looks like an image (JPEG 2000) was left out: e.jp2;");
    }

    @Test
    void aBadModelEndsTheRun() throws IOException {
        Path photo = Pictures.png(photos.resolve("a.png"), 64, 64);
        byte[] whole = Files.readAllBytes(MODEL);
        Path truncated = Files.write(folder.resolve("truncated.safetensors"), Arrays.copyOf(whole, whole.length / 2));
        byte[] claim = new byte[64];
        Arrays.fill(claim, (byte) 0x7f);
        Path hostile = Files.write(folder.resolve("hostile.safetensors"), claim);
        for (Path model : List.of(truncated, hostile, photo, folder.resolve("missing.safetensors"))) {
            CommandLineRun run = segment(photo, "--model", model);
            assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.BAD_MODEL);
            assertThat(run.err())
                    .startsWith("error: ")
                    .contains(model.getFileName().toString())
                    .hasLineCount(1);
        }
    }

    @Test
    void anUnknownDeviceEndsTheRun() throws IOException {
        CommandLineRun run = segment(Pictures.png(photos.resolve("a.png"), 64, 64), "--device", "opencl:7");
        assertThat(run.exitCode()).isEqualTo(ExitCode.NO_DEVICE);
        assertThat(run.err()).contains("opencl:7").contains("cpu").hasLineCount(1);
    }

    @Test
    void whatCantBeMeantIsAUsageError() throws IOException {
        Path photo = Pictures.png(photos.resolve("a.png"), 64, 64);
        assertUsageError("--clusters", photo, "--model", BACKBONE);
        assertUsageError("--clusters", photo, "--clusters", 3);
        assertUsageError("--clusters", photo, "--model", BACKBONE, "--clusters", 1);
        assertUsageError("--clusters", photo, "--model", BACKBONE, "--clusters", 256);
        assertUsageError("--clusters", photo, "--model", BACKBONE, "--clusters", 200);
        assertUsageError("--threads", photo, "--threads", 0);
        assertUsageError("--protocol", photo, "--protocol", "other");
        assertUsageError("--no-such-option", photo, "--no-such-option");
        assertUsageError("INPUT");
        assertThat(CommandLineRun.of("segment", photo, "--model", MODEL).err()).contains("--out");
        assertThat(CommandLineRun.of("segment", photo, "--out", out, "--model", MODEL, "--size", 15)
                        .err())
                .contains("--size must be between");
        assertThat(CommandLineRun.of(
                                "segment",
                                photo,
                                "--out",
                                out,
                                "--model",
                                MODEL,
                                "--size",
                                60,
                                "--protocol",
                                "published")
                        .err())
                .contains("--size in whole patches of 8 pixels, not 60");
    }

    private void assertUsageError(String culprit, Object... arguments) {
        CommandLineRun run = segment(arguments);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(culprit).contains("Try 'stego-kernels segment --help'");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aPhotographIsNotOverwritten() throws IOException {
        Path photo = Pictures.png(photos.resolve("a.png"), 64, 64);
        byte[] before = Files.readAllBytes(photo);
        out = photos;
        assertUsageError("--out", photo);
        assertThat(Files.readAllBytes(photo)).isEqualTo(before);
    }

    @Test
    void aPhotographIsNotOverwrittenThroughALink() throws IOException {
        Path photo = Pictures.png(photos.resolve("a.png"), 64, 64);
        byte[] before = Files.readAllBytes(photo);
        out = photos;
        Path link = Files.createSymbolicLink(folder.resolve("link"), photos);
        assertUsageError("a result would overwrite the photograph", link);
        assertUsageError("a result would overwrite the photograph", link, "--overwrite");
        assertThat(Files.readAllBytes(photo)).isEqualTo(before);
    }

    @Test
    void aPngThatLiesBesideIsNotOverwritten() throws IOException {
        Path photo = Pictures.jpeg(photos.resolve("a.jpg"), 64, 64);
        Path beside = Pictures.png(photos.resolve("a.png"), 64, 64);
        byte[] before = Files.readAllBytes(beside);
        out = photos;
        assertUsageError("a result would overwrite the photograph " + beside, photo);
        assertThat(Files.readAllBytes(beside)).isEqualTo(before);
        assertThat(photos.toFile().list()).containsExactlyInAnyOrder("a.jpg", "a.png");
        assertThat(segment(photo, "--overwrite").exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(segment(photo).exitCode()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void resultsOfEarlierRunsAreReplaced() throws IOException {
        Path first = Pictures.png(photos.resolve("a.png"), 64, 64);
        Path second = Pictures.png(photos.resolve("b.png"), 64, 64);
        assertThat(segment(first).exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(segment(second, "--no-crf").exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(segment(photos, "--no-flip").err()).isEmpty();
        assertThat(results()).containsExactly("a.overlay.png", "a.png", "b.overlay.png", "b.png", "summary.json");
    }

    @Test
    void masksInTheFolderOfTheResultsAreNoPhotographsUnderWhateverName() throws IOException {
        Pictures.png(photos.resolve("a.png"), 64, 64);
        Files.createSymbolicLink(folder.resolve("link"), photos);
        out = folder.resolve("link/masks");
        assertThat(segment(photos).exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(segment(photos).exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(results()).containsExactly("a.overlay.png", "a.png", "summary.json");
    }

    @Test
    void aResultThatCanNotHaveItsNameFailsAlone() throws IOException {
        Path tooLong = Pictures.jpeg(photos.resolve("b".repeat(245) + ".jpg"), 64, 64);
        Path wide = Pictures.jpeg(photos.resolve("\u5199".repeat(82) + ".jpg"), 64, 64);
        Path folderThere = Pictures.jpeg(photos.resolve("c.jpg"), 64, 64);
        Pictures.jpeg(photos.resolve("a.jpg"), 64, 64);
        Pictures.jpeg(photos.resolve("z.jpg"), 64, 64);
        Files.createDirectories(out.resolve("c.png"));
        CommandLineRun run = segment(photos);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(results()).containsExactly("a.overlay.png", "a.png", "summary.json", "z.overlay.png", "z.png");
        assertThat(summary().at("/failures").findValuesAsText("input"))
                .containsExactlyInAnyOrder(tooLong.toString(), wide.toString(), folderThere.toString());
        assertThat(run.err()).contains("too long").contains("c.png: it exists and is a folder");
    }

    @Test
    void aFolderInTheWayOfAResultIsThatPhotographsFailure() throws IOException {
        Pictures.jpeg(photos.resolve("a.jpg"), 64, 64);
        Path below = Files.createDirectory(photos.resolve("a.png"));
        Path inTheWay = Pictures.jpeg(below.resolve("b.jpg"), 64, 64);
        Pictures.jpeg(photos.resolve("c.jpg"), 64, 64);
        CommandLineRun run = segment(photos);
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(results()).containsExactly("a.overlay.png", "a.png", "c.overlay.png", "c.png", "summary.json");
        assertThat(summary().at("/failures/0/input").asText()).isEqualTo(inTheWay.toString());
        assertThat(summary().at("/images")).hasSize(2);
    }

    @Test
    void aFolderThatCantBeWrittenEndsTheRunBeforeItStarts() throws IOException {
        Path photo = Pictures.png(photos.resolve("a.png"), 64, 64);
        out = photo.resolve("below");
        CommandLineRun run = segment(photo, "--model", folder.resolve("missing.safetensors"));
        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err()).startsWith("error: --out").contains("a.png").hasLineCount(1);
    }

    @Test
    void equalNamesDoNotOverwriteEachOther() throws IOException {
        Path first = Pictures.png(photos.resolve("x/a.png"), 64, 64);
        Path second = Pictures.png(photos.resolve("y/a.png"), 72, 64);
        CommandLineRun run = segment(first, second);
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.err()).startsWith("warning: ").contains("a-2");
        assertThat(PalettePng.read(out.resolve("a.png")).width()).isEqualTo(64);
        assertThat(PalettePng.read(out.resolve("a-2.png")).width()).isEqualTo(72);
    }

    @Test
    void expandsGlobs() throws IOException {
        Pictures.png(photos.resolve("a.png"), 64, 64);
        Pictures.png(photos.resolve("sub/b.png"), 64, 64);
        Pictures.jpeg(photos.resolve("c.jpg"), 64, 64);
        assertThat(segment(photos + "/**/*.png").exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(results())
                .containsExactly("a.overlay.png", "a.png", "sub/b.overlay.png", "sub/b.png", "summary.json");
    }

    @Test
    void thePublishedProtocolLabelsTheMiddleSquare() throws IOException {
        segment(Pictures.png(photos.resolve("a.png"), 160, 90), "--protocol", "published");
        LabelMap labels = PalettePng.read(out.resolve("a.png"));
        assertThat(labels.width()).isEqualTo(64);
        assertThat(labels.height()).isEqualTo(64);
    }

    @Test
    void theOtherProbeNamesOtherClasses() throws IOException {
        Path photo = Pictures.png(photos.resolve("a.png"), 96, 64);
        segment(photo);
        byte[] byCluster = Files.readAllBytes(out.resolve("a.png"));
        assertThat(segment(photo, "--probe", "linear").exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(Files.readAllBytes(out.resolve("a.png"))).isNotEqualTo(byCluster);
        assertThat(summary().at("/settings/probe").asText()).isEqualTo("linear");
    }
}
