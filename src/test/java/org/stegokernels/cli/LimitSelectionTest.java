package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command that reads photographs lets its user say how much one may ask for. */
class LimitSelectionTest {
    private static final Path MODEL = Path.of("kernels/reference/pipeline.safetensors");

    @TempDir
    Path folder;

    private Path photos;

    @BeforeEach
    void photographs() throws IOException {
        photos = Files.createDirectory(folder.resolve("photos"));
        for (String name : List.of("a.png", "b.png")) {
            ImageIO.write(
                    new BufferedImage(160, 120, BufferedImage.TYPE_3BYTE_BGR),
                    "png",
                    photos.resolve(name).toFile());
        }
        ImageIO.write(
                new BufferedImage(400, 300, BufferedImage.TYPE_3BYTE_BGR),
                "png",
                photos.resolve("large.png").toFile());
    }

    @Test
    void aLargerPictureFailsAloneAndTheMessageNamesTheOption() {
        CommandLineRun run = CommandLineRun.of(
                "segment", photos, "-o", folder.resolve("out"), "-m", MODEL, "--size", 64, "--max-pixels", "100000");
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.err()).contains("large.png: it has 400 x 300 pixels").contains("--max-pixels");
        assertThat(folder.resolve("out/a.png")).exists();
        CommandLineRun raised = CommandLineRun.of(
                "segment", photos, "-o", folder.resolve("all"), "-m", MODEL, "--size", 64, "--max-pixels", "0.12M");
        assertThat(raised.exitCode()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void datasetsHaveTheSameLimit() {
        CommandLineRun run =
                CommandLineRun.of("crop", "-d", photos, "-o", folder.resolve("crops"), "--max-pixels", "100000");
        assertThat(run.exitCode()).isNotZero();
        assertThat(run.err()).contains("large.png: it has 400 x 300 pixels").contains("--max-pixels");
    }

    @Test
    void pixelsThatWereMeantToBeMegapixelsAreNotTaken() {
        CommandLineRun run =
                CommandLineRun.of("segment", photos, "-o", folder.resolve("out"), "-m", MODEL, "--max-pixels", "200");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("add an M for megapixels");
    }

    @Test
    void aPictureThatTakesTooLongFailsAlone() throws IOException {
        ImageIO.write(
                new BufferedImage(8000, 6000, BufferedImage.TYPE_BYTE_GRAY),
                "png",
                photos.resolve("slow.png").toFile());
        CommandLineRun run = CommandLineRun.of(
                "segment", photos, "-o", folder.resolve("out"), "-m", MODEL, "--size", 64, "--timeout", "0.005");
        assertThat(run.exitCode()).isEqualTo(ExitCode.SOME_INPUTS_FAILED);
        assertThat(run.err()).contains("slow.png: reading it takes longer than 0.00500 seconds");
    }

    @Test
    void aTimeoutBelow0IsAMistake() {
        CommandLineRun run =
                CommandLineRun.of("segment", photos, "-o", folder.resolve("out"), "-m", MODEL, "--timeout", "-1");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("--timeout");
    }

    @ParameterizedTest
    @ValueSource(strings = {"segment", "features", "knn", "cluster", "crop", "train", "tune-shifts", "eval"})
    void theOptionsAreThere(String command) {
        assertThat(CommandLineRun.of(command, "--help").out())
                .contains("--max-pixels")
                .contains("--timeout")
                .contains("megapixels");
    }
}
