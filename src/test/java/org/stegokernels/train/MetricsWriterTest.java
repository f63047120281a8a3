package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training that goes on takes up the metrics of before, whatever a crash made of them. */
class MetricsWriterTest {
    private static final String[] LINES = {
        "{\"step\":1,\"losses\":{\"total\":3.0}}", "{\"step\":2,\"losses\":{\"total\":2.0}}", "{\"step\":3}"
    };

    @TempDir
    Path folder;

    private Path file;
    private Path damaged;

    @BeforeEach
    void files() {
        file = folder.resolve("metrics.jsonl");
        damaged = folder.resolve("metrics.jsonl.damaged");
    }

    private void goOn(int step) throws IOException {
        new MetricsWriter(file, TrainerTest.settings().correspondence().loss(), step).close();
    }

    @Test
    void laterLinesAndOneThatWasCutShortAreDropped() throws IOException {
        Files.writeString(file, String.join("\n", LINES) + "\n{\"step\":2,\"los");
        goOn(2);
        assertThat(file).content().isEqualTo(LINES[0] + "\n" + LINES[1] + "\n");
        assertThat(damaged).doesNotExist();
    }

    @Test
    void damagedLinesAreLeftOutAndTheFileIsSetAside() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes((LINES[0] + "\n{\"step\":2,\"lo").getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xFE});
        bytes.writeBytes("es\":{}}\n\0\0\0\n".getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes((LINES[1] + "\n" + LINES[2] + "\n").getBytes(StandardCharsets.UTF_8));
        Files.write(file, bytes.toByteArray());
        goOn(3);
        assertThat(file).content().isEqualTo(String.join("\n", LINES) + "\n");
        assertThat(damaged).hasBinaryContent(bytes.toByteArray());
    }

    @Test
    void aNewTrainingStartsWithNothing() throws IOException {
        Files.writeString(file, LINES[0] + "\n");
        goOn(0);
        assertThat(file).isEmptyFile();
    }
}
