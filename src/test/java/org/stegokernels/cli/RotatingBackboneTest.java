package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a DINOv3, whose positions are rotations. */
@Timeout(120)
class RotatingBackboneTest {
    private static final Path BACKBONE = Path.of("kernels/reference/vit_micro_dinov3_gated.safetensors");

    @TempDir
    Path folder;

    private Path photographs;

    @BeforeEach
    void photographs() throws IOException {
        photographs = Pictures.folder(folder.resolve("photographs"), 4);
    }

    private static String run(Object... arguments) {
        CommandLineRun run = CommandLineRun.of(arguments);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        return run.out();
    }

    @Test
    void describeNamesIt() {
        assertThat(run("describe", BACKBONE))
                .startsWith(
                        "backbone  DINOv3, 2 blocks, 48 channels, 3 heads, patches of 4 pixels, positions by rotation");
    }

    @Test
    void featuresAndClustersAreFound() {
        run("features", photographs, "-m", BACKBONE, "--size", 64, "-o", folder.resolve("features"));
        assertThat(folder.resolve("features/3.safetensors")).isRegularFile();
        run("segment", photographs, "-m", BACKBONE, "--clusters", 3, "--size", 64, "-o", folder.resolve("masks"));
        assertThat(folder.resolve("masks/3.png")).isRegularFile();
    }

    @Test
    void aModelIsTrainedOnItAndSegments() {
        Path trained = folder.resolve("trained");
        run("train", "-m", BACKBONE, "-d", photographs, "--classes", 2, "--size", 64, "--steps", 2, "-o", trained);
        Path model = trained.resolve("last.safetensors");
        assertThat(run("describe", model)).contains("DINOv3", "head ");
        run("segment", photographs.resolve("1.png"), "-m", model, "--size", 64, "-o", folder.resolve("masks"));
        assertThat(folder.resolve("masks/1.png")).isRegularFile();
    }
}
