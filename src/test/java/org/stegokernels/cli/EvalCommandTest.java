package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.data.Datasets;
import org.stegokernels.image.LabelMap.PalettePng;

class EvalCommandTest {
    /** A STEGO model with six classes; patches of 8 pixels. */
    private static final Path MODEL = Path.of("kernels/reference/pipeline.safetensors");
    /** A vision transformer alone; patches of 8 pixels. */
    private static final Path BACKBONE = Path.of("kernels/reference/vit_micro_p8.safetensors");

    @TempDir
    Path folder;

    private Path data;
    private Path out;

    @BeforeEach
    void dataset() throws IOException {
        data = folder.resolve("streets");
        out = folder.resolve("out");
        Datasets.directory(data, "val", 3, 80, 64);
        Files.writeString(data.resolve("classes.txt"), "a\nb\nc\nd\ne\nf\n");
    }

    private CommandLineRun eval(Path model, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("eval", "--model", model, "--data", data, "--size", 64));
        all.addAll(Arrays.asList(arguments));
        return CommandLineRun.of(all.toArray());
    }

    @Test
    void writesMetricsPicturesAndAReport() throws IOException {
        CommandLineRun run = eval(MODEL, "--out", out, "--pictures", 2, "--json");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        JsonNode metrics = new ObjectMapper().readTree(run.out());
        assertThat(metrics)
                .isEqualTo(
                        new ObjectMapper().readTree(out.resolve("metrics.json").toFile()));
        assertThat(metrics.at("/images").asInt()).isEqualTo(3);
        assertThat(metrics.at("/settings/crf").asBoolean()).isTrue();
        for (String probe : List.of("cluster", "linear")) {
            JsonNode scores = metrics.path(probe);
            long right = 0;
            long all = 0;
            for (int p = 0; p < 6; p++) {
                for (int label = 0; label < 6; label++) {
                    long count = scores.at("/confusion/" + p + "/" + label).asLong();
                    int of =
                            probe.equals("cluster") ? scores.at("/classOf/" + p).asInt() : p;
                    right += of == label ? count : 0;
                    all += count;
                }
            }
            assertThat(all).isEqualTo(3 * 64 * 64);
            assertThat(scores.at("/accuracy").asDouble())
                    .isCloseTo((double) right / all, org.assertj.core.api.Assertions.within(1e-6));
            assertThat(scores.at("/classes/5/iou").isNull()
                            || scores.at("/classes/5/iou").isNumber())
                    .isTrue();
        }
        for (String probe : List.of("cluster", "linear")) {
            JsonNode calibration = metrics.path(probe).path("calibration");
            long right = 0;
            long pixels = 0;
            for (JsonNode bin : calibration.path("bins")) {
                pixels += bin.path("pixels").asLong();
                right += Math.round(
                        bin.path("pixels").asLong() * bin.path("accuracy").asDouble());
            }
            assertThat(calibration.path("bins")).hasSize(15);
            assertThat(pixels).isEqualTo(3 * 64 * 64);
            assertThat((double) right / pixels)
                    .isCloseTo(
                            metrics.at("/" + probe + "/accuracy").asDouble(),
                            org.assertj.core.api.Assertions.within(1e-6));
            assertThat(calibration.path("ece").asDouble()).isBetween(0.0, 1.0);
            assertThat(calibration.path("auroc").asDouble()).isBetween(0.0, 1.0);
        }
        assertThat(metrics.at("/correspondences/1/name").asText()).isEqualTo("code");
        assertThat(Files.readString(out.resolve("report.html"))).contains("pipeline.safetensors on streets-val");
        assertThat(PalettePng.read(out.resolve("pictures/a2.cluster.png")).width())
                .isEqualTo(64);
        assertThat(out.resolve("pictures/a2.image.png")).exists();
        assertThat(out.resolve("pictures/a0.image.png")).doesNotExist();
    }

    @Test
    void filesOfOthersAreNotReplaced() throws IOException {
        for (String name : List.of("metrics.json", "report.html", "pictures/a1.cluster.png")) {
            out = folder.resolve(name.replace('/', '-'));
            Path precious = out.resolve(name);
            Files.createDirectories(precious.getParent());
            Files.writeString(precious, "precious");
            CommandLineRun run = eval(MODEL, "--out", out);
            assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(run.err()).contains("a result would overwrite the").contains(precious.toString());
            assertThat(precious).hasContent("precious");
        }
    }

    @Test
    void anImageOfAnUnreadFormatIsNamedAmongTheFailures() throws IOException {
        Files.writeString(data.resolve("imgs/val/b.jxl"), "x");
        CommandLineRun run = eval(MODEL, "--json");
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.err()).contains("(JPEG XL) was left out: b.jxl");
        assertThat(new ObjectMapper()
                        .readTree(run.out())
                        .at("/failures/0/reason")
                        .asText())
                .contains("(JPEG XL) was left out: b.jxl");
    }

    @Test
    void aSecondEvaluationReplacesTheFirst() {
        assertThat(eval(MODEL, "--out", out).exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(eval(MODEL, "--out", out, "--no-crf").exitCode()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void printsATable() {
        CommandLineRun run = eval(MODEL, "--no-crf", "--no-flip", "--protocol", "whole", "--count", "published");
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out())
                .contains("mIoU")
                .contains("linear")
                .contains("average precision of code")
                .containsPattern("confidence +ECE +AUROC\\ncluster +[0-9.]+% +[0-9.]+%\\nlinear +[0-9.]+% +[0-9.]+%\\n")
                .contains("3 images evaluated in");
    }

    @Test
    void measuresBaselinesOfABackbone() throws IOException {
        for (String baseline : List.of("kmeans", "rgb")) {
            CommandLineRun run = eval(BACKBONE, "--baseline", baseline, "--clusters", 8, "--json");
            assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
            JsonNode metrics = new ObjectMapper().readTree(run.out());
            assertThat(metrics.at("/cluster/classOf")).hasSize(8);
            assertThat(metrics.has("linear")).isFalse();
            assertThat(metrics.path("cluster").has("calibration")).isFalse();
            assertThat(metrics.at("/settings/crf").asBoolean()).isFalse();
            assertThat(metrics.at("/cluster/manyToOne/accuracy").asDouble())
                    .isGreaterThanOrEqualTo(metrics.at("/cluster/accuracy").asDouble());
        }
    }

    @Test
    void whatCantBeRightIsAUsageError() {
        assertUsage(eval(BACKBONE), "knows no classes");
        assertUsage(eval(MODEL, "--clusters", 8), "--baseline");
        assertUsage(eval(MODEL, "--baseline", "rgb", "--crf"), "--crf");
        assertUsage(eval(MODEL, "--baseline", "rgb", "--clusters", 5), "between 6");
        assertUsage(eval(MODEL, "--size", 60), "--size");
        assertUsage(eval(MODEL, "--pictures", -1), "--pictures");
        assertUsage(eval(MODEL, "--training", "metrics.jsonl"), "--out");
    }

    private static void assertUsage(CommandLineRun run, String message) {
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(message);
    }

    @Test
    void badDataAndModelsAreNamed() throws IOException {
        assertUsage(eval(MODEL, "--split", "test"), "no split test");
        assertUsage(eval(MODEL, "--layout", "folder"), "no labels");
        assertThat(eval(folder.resolve("none.safetensors")).exitCode()).isEqualTo(ExitCode.BAD_MODEL);
        assertThat(eval(MODEL, "--device", "abacus").exitCode()).isEqualTo(ExitCode.NO_DEVICE);
    }

    @Test
    void aLabelMapThatDoesNotFitIsLeftOut() throws IOException {
        Datasets.write(data.resolve("labels/val/a1.png"), Datasets.constant(80, 64, 77));
        CommandLineRun run = eval(MODEL, "--no-crf", "--json");
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.err()).contains("a1.png").contains("77");
        JsonNode metrics = new ObjectMapper().readTree(run.out());
        assertThat(metrics.at("/images").asInt()).isEqualTo(2);
        assertThat(metrics.at("/failures/0/input").asText()).isEqualTo("a1");
    }

    /** Far more than chance, and more for features than for colours. */
    @Test
    void featuresOfARealBackboneKnowMoreThanColours() throws IOException {
        Path camvid = Path.of("../shared/camvid");
        Path weights = Path.of("../shared/weights/deit_tiny_patch16_224.safetensors");
        assumeTrue(Files.exists(camvid) && Files.exists(weights), "../shared/camvid or the weights are not here");
        data = Files.createDirectories(folder.resolve("camvid"));
        Files.copy(camvid.resolve("classes.txt"), data.resolve("classes.txt"));
        for (String part : List.of("imgs", "labels")) {
            Path to = Files.createDirectories(data.resolve(part).resolve("val"));
            try (var files = Files.list(camvid.resolve(part).resolve("val"))) {
                for (Path file : files.sorted().limit(12).toList()) {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
            }
        }
        JsonNode features = new ObjectMapper()
                .readTree(eval(weights, "--baseline", "kmeans", "--json").out());
        JsonNode colours = new ObjectMapper()
                .readTree(eval(weights, "--baseline", "rgb", "--json").out());
        double ofFeatures = features.at("/correspondences/0/averagePrecision").asDouble();
        double ofColours = colours.at("/correspondences/0/averagePrecision").asDouble();
        assertThat(ofFeatures).isGreaterThan(ofColours + 0.05);
        assertThat(ofColours)
                .isGreaterThan(colours.at("/correspondences/0/positives").asDouble());
        assertThat(features.at("/cluster/manyToOne/accuracy").asDouble()).isGreaterThan(0.5);
    }
}
