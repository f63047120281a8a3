package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.data.Datasets;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;

/** The program on a terminal, of which {@code script} (util-linux) makes one, with a person who presses Ctrl-C. */
class TerminalTest {
    private static final int CTRL_C = 3;
    private static final int INTERRUPTED = 128 + 2;
    private static final String MODEL = "kernels/reference/pipeline.safetensors";

    @TempDir
    Path folder;

    private Process process;

    @BeforeEach
    void needsScript() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "no script of util-linux");
    }

    @AfterEach
    void nothingIsLeft() {
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private void start(Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        String line = "stty cols 80; exec '" + String.join("' '", command) + "'";
        ProcessBuilder builder =
                new ProcessBuilder("script", "--quiet", "--flush", "--return", "-c", line, "/dev/null");
        builder.environment().remove("LD_PRELOAD");
        builder.environment().put("TERM", "xterm");
        process = builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("screen").toFile())
                .start();
    }

    private String screen() throws IOException {
        return Files.readString(folder.resolve("screen"), StandardCharsets.ISO_8859_1);
    }

    /** Waits until the progress is shown and there is something to lose, then presses Ctrl-C. */
    private void interruptAt(String progress, Path begun) throws Exception {
        for (int wait = 0; wait < 600 && !(screen().contains(progress) && Files.exists(begun)); wait++) {
            Thread.sleep(50);
        }
        assertThat(screen()).contains(progress);
        assertThat(process.isAlive()).isTrue();
        process.getOutputStream().write(CTRL_C);
        process.getOutputStream().flush();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(screen()).isEqualTo(INTERRUPTED);
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".tmp"));
        }
    }

    /** Returns the text on the screen after the last line was erased and written over. */
    private List<String> lastLines() throws IOException {
        String screen = screen();
        return screen.substring(screen.lastIndexOf("\u001b[J") + 3).lines().toList();
    }

    @Test
    void ctrlCKeepsTheTraining() throws Exception {
        Path data = folder.resolve("data");
        Path out = folder.resolve("out");
        Datasets.directory(data, "train", 9, 50, 40);
        String[] settings = {"--set", "dim=6", "--set", "batch_size=4", "--set", "val_freq=0"};
        List<Object> arguments = new ArrayList<>(List.of("train", "-m", "kernels/reference/vit_micro_p8.safetensors"));
        arguments.addAll(List.of("-d", data, "-o", out, "--size", 32, "--cache", folder.resolve("cache")));
        arguments.addAll(List.of("--device", "cpu", "--classes", 3, "--steps", 1_000_000));
        arguments.addAll(List.of(settings));
        start(arguments.toArray());
        interruptAt("training ", out.resolve("settings.yml"));
        assertThat(lastLines()).hasSize(1).first().asString().matches("stopped after step \\d+: go on with --resume");
        assertThat(out.resolve("checkpoint.safetensors")).exists();
    }

    @Test
    void ctrlCLeavesASummaryOfThePhotographsThatAreDone() throws Exception {
        Path photos = Files.createDirectory(folder.resolve("photos"));
        for (int i = 0; i < 400; i++) {
            Pictures.png(photos.resolve(i + ".png"), 64, 64);
        }
        Path out = folder.resolve("masks");
        start("segment", photos, "--model", MODEL, "--out", out, "--format", "png,coco");
        interruptAt("segmenting ", out.resolve("0.overlay.png"));
        JsonNode summary =
                new ObjectMapper().readTree(out.resolve("summary.json").toFile());
        int done = summary.at("/images").size();
        assertThat(summary.at("/stoppedOf").asInt()).isEqualTo(400);
        assertThat(done).isBetween(1, 399);
        for (JsonNode image : summary.at("/images")) {
            assertThat(out.resolve(image.at("/labels").asText())).exists();
            assertThat(out.resolve(image.at("/overlay").asText())).exists();
        }
        assertThat(lastLines().get(0)).startsWith("interrupted: segmenting ");
        assertThat(lastLines()).last().asString().startsWith("stopped: " + done + " of 400 photographs segmented");
        Path coco = out.resolve("coco/coco.json");
        assertThat(new ObjectMapper().readTree(coco.toFile()).at("/images")).hasSize(done);

        start("segment", photos, "--model", MODEL, "--out", out, "--format", "png,coco", "--skip-existing");
        interruptAt("segmenting ", out.resolve(done + ".overlay.png"));
        summary = new ObjectMapper().readTree(out.resolve("summary.json").toFile());
        int more = summary.at("/images").size() - done;
        assertThat(new ObjectMapper().readTree(coco.toFile()).at("/images")).hasSize(done + more);
        assertThat(more).isBetween(1, 399 - done);
        assertThat(lastLines())
                .last()
                .asString()
                .startsWith("stopped: " + more + " of 400 photographs segmented, " + done + " skipped, in ");
    }

    @Test
    void ctrlCInAnExportLeavesNothingHalfWritten() throws Exception {
        Path photos = Files.createDirectory(folder.resolve("photos"));
        for (int i = 0; i < 12; i++) {
            Pictures.png(photos.resolve((char) ('a' + i) + ".png"), 64, 64);
        }
        Path out = folder.resolve("masks");
        assertThat(CommandLineRun.of("segment", photos, "--model", MODEL, "--out", out, "--size", 64)
                        .exitCode())
                .isZero();
        Path summary = out.resolve("summary.json");
        Files.writeString(summary, Files.readString(summary).replaceAll("(\"(?:width|height)\" : )64", "$1300"));
        // Noise has so many objects that each photograph takes a second.
        Random random = new Random(5);
        byte[] noise = new byte[300 * 300];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (byte) random.nextInt(3);
        }
        for (int i = 0; i < 12; i++) {
            PalettePng.write(
                    out.resolve((char) ('a' + i) + ".png"), new LabelMap(300, 300, noise), Palette.distinct(6));
        }
        start("export", out, "--format", "ids,coco-polygons");
        interruptAt("exporting ", out.resolve("ids/a.png"));
        assertThat(lastLines().get(0)).startsWith("interrupted: exporting ");
        assertThat(lastLines()).last().asString().matches("stopped: \\d+ of 12 photographs exported as .*");
        int done = Integer.parseInt(lastLines().get(lastLines().size() - 1).split(" ")[1]);
        assertThat(done).isBetween(1, 11);
        try (Stream<Path> ids = Files.list(out.resolve("ids"))) {
            assertThat(ids)
                    .hasSize(done)
                    .allSatisfy(file ->
                            assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(300));
        }
        assertThat(out.resolve("coco-polygons")).isEmptyDirectory();
    }

    @Test
    void ctrlCEndsTheWorkbench() throws Exception {
        Path photograph = Pictures.png(folder.resolve("a.png"), 64, 48);
        Path out = folder.resolve("out");
        start("serve", photograph, "--model", MODEL, "--out", out);
        interruptAt("/?token=", photograph);
        assertThat(screen()).doesNotContain("error", "Exception");
        assertThat(out).doesNotExist();
    }

    @Test
    void ctrlCSaysHowFarTheCropsAre() throws Exception {
        Path data = folder.resolve("data");
        Datasets.directory(data, "train", 400, 200, 160);
        Path out = folder.resolve("crops");
        start("crop", "-d", data, "-o", out);
        interruptAt("cropping ", out.resolve("imgs"));
        assertThat(lastLines()).last().asString().startsWith("interrupted: cropping ");
    }
}
