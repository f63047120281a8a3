package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.stego.ModelInfo.Views;
import org.stegokernels.weights.Safetensors;

/** {@code --scales} and {@code --window} in the commands that take a model. */
@Timeout(120)
class ViewOptionsTest {
    private static final Path BACKBONE = Path.of("kernels/reference/vit_micro_p8.safetensors");

    @TempDir
    Path folder;

    private Path photographs;

    @BeforeEach
    void photographs() throws IOException {
        photographs = Pictures.folder(folder.resolve("photographs"), 3);
    }

    private static String run(Object... arguments) {
        CommandLineRun run = CommandLineRun.of(arguments);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        return run.out();
    }

    private float[] features(String name, Object... options) {
        Object[] first = {"features", photographs, "-m", BACKBONE, "--size", 64, "-o", folder.resolve(name)};
        run(Stream.concat(Stream.of(first), Stream.of(options)).toArray());
        try (Safetensors file = Safetensors.open(folder.resolve(name).resolve("2.safetensors"))) {
            return file.floats("features");
        }
    }

    private JsonNode setting(String name, String key) throws IOException {
        JsonNode summary = new ObjectMapper()
                .readTree(folder.resolve(name).resolve("summary.json").toFile());
        return summary.path("settings").path(key);
    }

    @Test
    void featuresDependOnThemAndSaySo() throws IOException {
        float[] plain = features("plain");
        assertThat(setting("plain", "scales").isMissingNode()).isTrue();
        assertThat(features("one", "--scales", "1", "--window", 0)).isEqualTo(plain);
        assertThat(features("scales", "--scales", "1,0.5")).hasSameSizeAs(plain).isNotEqualTo(plain);
        assertThat(setting("scales", "scales")).hasToString("[1.0,0.5]");
        assertThat(features("window", "--window", 32)).hasSameSizeAs(plain).isNotEqualTo(plain);
        assertThat(setting("window", "window").asInt()).isEqualTo(32);
    }

    @Test
    void resultsOfOtherViewsAreNotTakenForDone() {
        Path photograph = photographs.resolve("1.png");
        List<String> keys = Stream.of(null, new Views(List.of(1.0, 2.0), 0), new Views(List.of(1.0), 16))
                .map(views -> new ResultKey(new ModelSelection.Found("demo", null, views), Map.of()).of(photograph))
                .toList();
        assertThat(keys).doesNotHaveDuplicates().hasSize(3);
    }

    @Test
    void aTrainedModelKeepsThemAndCachedFeaturesAreKeptApart() throws IOException {
        Path cache = folder.resolve("cache");
        for (String scales : new String[] {"1", "1,0.5"}) {
            run(
                    "train",
                    "-m",
                    BACKBONE,
                    "-d",
                    photographs,
                    "--classes",
                    2,
                    "--size",
                    64,
                    "--steps",
                    2,
                    "-o",
                    folder.resolve("trained" + scales),
                    "--cache",
                    cache,
                    "--scales",
                    scales);
        }
        try (Stream<Path> files = Files.list(cache)) {
            assertThat(files).hasSize(2);
        }
        Path model = folder.resolve("trained1,0.5/last.safetensors");
        assertThat(run("describe", model)).contains("scales    [1.0, 0.5]");
        assertThat(run("describe", folder.resolve("trained1/last.safetensors"))).doesNotContain("scales");
        run("segment", photographs, "-m", model, "--size", 64, "-o", folder.resolve("masks"));
        assertThat(setting("masks", "scales")).hasToString("[1.0,0.5]");
        run("segment", photographs, "-m", model, "--size", 64, "--scales", 1, "-o", folder.resolve("plain"));
        assertThat(setting("plain", "scales").isMissingNode()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--scales | 1,0 | --scales must be between 0.1 and 4.0, not 0.0",
                "--scales | 1,1 | --scales must be 1 to 8 different numbers, not [1.0, 1.0]",
                "--window | -8 | --window must be between 0 and 4096 pixels, not -8",
                "--window | 20 | --window 20 is not in whole patches of 8 pixels"
            })
    void whatCanNotBeMeantIsAWrongUse(String option, String value, String message) {
        CommandLineRun run = CommandLineRun.of(
                "features", photographs, "-m", BACKBONE, "--size", 64, "-o", folder.resolve("out"), option, value);
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(message);
    }
}
