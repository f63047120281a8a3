package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.weights.Safetensors;

/** {@code teach}, from label maps to a model that {@code segment} takes. */
class TeachCommandTest {
    private static final Path BACKBONE = Path.of("kernels/reference/vit_micro_p8.safetensors");

    @TempDir
    Path folder;

    private Path data;
    private Path out;

    @BeforeEach
    void dataset() throws IOException {
        data = Datasets.directory(folder.resolve("data"), "train", 4, 64, 48);
        for (int i = 0; i < 4; i++) {
            PalettePng.write(
                    data.resolve("labels/train/a" + i + ".png"), Datasets.columns(64, 48, 2), Palette.distinct(3));
        }
        out = folder.resolve("taught.safetensors");
    }

    private CommandLineRun run(Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(
                "teach",
                "--data",
                data,
                "--out",
                out,
                "--model",
                BACKBONE,
                "--size",
                32,
                "--device",
                "cpu",
                "--no-cache"));
        all.addAll(Arrays.asList(arguments));
        return CommandLineRun.of(all.toArray());
    }

    @Test
    void theHeadLearnsIfAskedAndIsInTheModel() throws IOException {
        Path model = Path.of("kernels/reference/pipeline.safetensors");
        CommandLineRun run = CommandLineRun.of(
                "teach",
                "--data",
                data,
                "--out",
                out,
                "--model",
                model,
                "--size",
                32,
                "--device",
                "cpu",
                "--no-cache",
                "--head");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        try (Safetensors before = Safetensors.open(model);
                Safetensors after = Safetensors.open(out)) {
            for (String name : List.of("cluster1.0.weight", "cluster2.2.bias")) {
                assertThat(after.tensor(name).shape())
                        .isEqualTo(before.tensor(name).shape());
                assertThat(after.floats(name)).isNotEqualTo(before.floats(name));
            }
            assertThat(after.has("cluster_probe.clusters")).isFalse();
            assertThat(after.tensor("linear_probe.weight").shape().dim(1))
                    .isEqualTo(before.tensor("cluster1.0.weight").shape().dim(0));
        }
        CommandLineRun segment = CommandLineRun.of(
                "segment", data.resolve("imgs"), "--out", folder.resolve("masks"), "--model", out, "--device", "cpu");
        assertThat(segment.exitCode()).as(segment.err()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void withoutAHeadNoneCanLearn() {
        CommandLineRun run = run("--head");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("has no head that could learn");
        assertThat(out).doesNotExist();
    }

    @Test
    void aFewLabelMapsMakeAModelThatSegments() throws IOException {
        Path report = folder.resolve("report.html");
        CommandLineRun run = run("--report", report);
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("2 classes of 4 photographs").contains("on photographs not seen");
        try (Safetensors file = Safetensors.open(out)) {
            ModelInfo info = ModelInfo.of(file);
            assertThat(info.classNames()).containsExactly("Sky", "Road", "Pole");
            assertThat(info.colours()).containsExactly(0x808080, 0x804080, 0x010203);
            assertThat(info.clusterToClass()).containsExactly(0, 1);
            assertThat(info.settings().inputSize()).isEqualTo(32);
        }
        assertThat(report).content().contains("Sky").contains("Linear probe: mIoU");
        CommandLineRun segment = CommandLineRun.of(
                "segment", data.resolve("imgs"), "--out", folder.resolve("masks"), "--model", out, "--device", "cpu");
        assertThat(segment.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(folder.resolve("masks/train/a0.png")).exists();
        CommandLineRun eval = CommandLineRun.of(
                "eval",
                "--data",
                data,
                "--split",
                "train",
                "--model",
                out,
                "--device",
                "cpu",
                "--no-crf",
                "--out",
                folder.resolve("eval"));
        assertThat(eval.exitCode()).as(eval.err()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void theResultIsJsonIfAsked() {
        CommandLineRun run = run("--json");
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out())
                .contains("\"photographs\" : 4")
                .contains("\"name\" : \"Sky\"")
                .contains("\"miou\"");
    }

    @Test
    void allMistakesAreToldAndNothingIsWritten() throws IOException {
        PalettePng.write(data.resolve("labels/train/a1.png"), Datasets.columns(64, 48, 9), Palette.distinct(9));
        PalettePng.write(data.resolve("labels/train/a2.png"), Datasets.columns(63, 48, 2), Palette.distinct(9));
        CommandLineRun run = run();
        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err())
                .contains("a1.png: it has the id 3 at column 3, row 0")
                .contains("a2.png: it is 63x48, its image ")
                .contains("2 mistakes in the labels: nothing was learnt");
        assertThat(out).doesNotExist();
    }

    @Test
    void aFolderOfPhotographsNeedsToldWhereLabelsAre() {
        CommandLineRun run = CommandLineRun.of(
                "teach", "--data", data.resolve("imgs/train"), "--out", out, "--model", BACKBONE, "--device", "cpu");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("add --labels DIR");
    }

    @Test
    void onlyPhotographsWithLabelsAreLookedAt() throws IOException {
        Path some = Files.createDirectories(folder.resolve("some"));
        Files.copy(data.resolve("labels/train/a3.png"), some.resolve("a3.png"));
        Files.delete(data.resolve("classes.txt"));
        CommandLineRun run = run("--labels", some);
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("2 classes of 1 photograph in").contains("class 1");
    }
}
