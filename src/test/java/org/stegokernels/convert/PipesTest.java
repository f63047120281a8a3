package org.stegokernels.convert;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.vit.HuggingFaceConfig;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;

/** Pipes where files of models are expected: opening one waits for a writer, who never comes. */
class PipesTest {
    @TempDir
    Path folder;

    private Path pipe;

    @BeforeEach
    void make() throws Exception {
        pipe = pipe("model.safetensors");
    }

    private Path pipe(String name) throws IOException, InterruptedException {
        Path path = folder.resolve(name);
        Process mkfifo = new ProcessBuilder("mkfifo", path.toString()).start();
        assumeTrue(mkfifo.waitFor() == 0, "no mkfifo here");
        return path;
    }

    private void refused(Path culprit, Executable opening) {
        assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> assertThatExceptionOfType(ModelException.class)
                        .isThrownBy(opening::execute)
                        .withMessageContaining("a pipe")
                        .withMessageContaining(culprit.toString()));
    }

    @Test
    void areRefusedAsModels() {
        refused(pipe, () -> Safetensors.open(pipe));
        refused(
                pipe,
                () -> CheckpointConverter.convert(pipe, folder.resolve("out"), CheckpointConverter.Options.DEFAULT));
        refused(pipe, () -> CheckpointConverter.inspect(pipe, CheckpointConverter.Options.DEFAULT.progress()));
    }

    @Test
    void areRefusedAsPartsOfAModel() throws IOException {
        Path index = Files.writeString(
                folder.resolve("index.json"), "{\"weight_map\": {\"norm.weight\": \"model.safetensors\"}}");
        refused(
                pipe,
                () -> CheckpointConverter.convert(index, folder.resolve("out"), CheckpointConverter.Options.DEFAULT));
    }

    @Test
    void areRefusedAsSettings() throws Exception {
        Path config = pipe("config.json");
        refused(config, () -> HuggingFaceConfig.beside(folder.resolve("weights.safetensors")));
    }
}
