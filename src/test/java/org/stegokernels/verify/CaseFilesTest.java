package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.verify.Verifier.Report;
import org.stegokernels.verify.Verifier.Report.Result.Status;
import org.stegokernels.weights.Safetensors;

/** Requests as files, and outputs beside them. What is expected serves as output, so that nothing is computed twice. */
class CaseFilesTest {
    private static final Verifier.Options SOME =
            Verifier.Options.DEFAULT.withRandom(2, 3).withOnly("random/*m*a*");

    @TempDir
    private Path parent;

    private Path folder;

    @BeforeEach
    void export() throws IOException {
        folder = parent.resolve("cases");
        Report report = Verifier.export(folder, SOME, result -> {});
        assertThat(report.passed()).isTrue();
    }

    private List<Path> files(String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    private Report judge() throws IOException {
        return Verifier.outputs(folder, "", result -> {});
    }

    private void answerAll() throws IOException {
        for (Path file : files(".expected.safetensors")) {
            Files.copy(
                    file, Path.of(file.toString().replace(".expected.", ".out.")), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Test
    void whatIsExpectedPasses() throws IOException {
        answerAll();
        Report report = judge();
        assertThat(report.results())
                .extracting(Report.Result::status)
                .containsOnly(Status.PASS)
                .hasSizeGreaterThan(8);
        assertThat(report.summary()).contains("ported");
    }

    @Test
    void anOutputThatIsNotThereIsUnsupported() throws IOException {
        assertThat(judge().results())
                .isNotEmpty()
                .extracting(Report.Result::status)
                .containsOnly(Status.UNSUPPORTED);
    }

    @Test
    void aWrongOutputFailsAndIsNamed() throws IOException {
        answerAll();
        Path output = folder.resolve("softmax").resolve("002.out.safetensors");
        byte[] bytes = Files.readAllBytes(output);
        Arrays.fill(bytes, bytes.length - 4, bytes.length, (byte) 0x7f);
        Files.write(output, bytes);
        assertThat(judge().results())
                .filteredOn(result -> result.status() != Status.PASS)
                .singleElement()
                .satisfies(result -> {
                    assertThat(result.name()).isEqualTo("random/softmax");
                    assertThat(result.detail()).startsWith("softmax/002.safetensors: seed 3, round 1");
                });
    }

    @Test
    void anOutputWithAnotherTensorFails() throws IOException {
        answerAll();
        Files.copy(
                folder.resolve("argmax").resolve("001.safetensors"),
                folder.resolve("argmax").resolve("001.out.safetensors"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(judge().results())
                .filteredOn(result -> result.status() == Status.FAIL)
                .singleElement()
                .satisfies(result -> assertThat(result.detail()).contains("which is none of [out]"));
    }

    @Test
    void aRequestSaysAllAProgramNeeds() {
        try (Safetensors request = Safetensors.open(folder.resolve("softmax").resolve("001.safetensors"))) {
            assertThat(request.metadata()).containsEntry("operation", "softmax").containsKey("scale");
            assertThat(request.names()).contains("out").doesNotContain("out.guard");
        }
        assertThat(folder.resolve("index.json")).content().contains("\"tolerance\":", "softmax/001.safetensors");
    }

    @Test
    void aFolderThatIsNotEmptyOrNotExportedIsRefused() {
        assertThatThrownBy(() -> Verifier.export(folder, SOME, result -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is not empty");
        assertThatThrownBy(() -> Verifier.outputs(parent, "", result -> {})).hasMessageContaining("has no index.json");
    }
}
