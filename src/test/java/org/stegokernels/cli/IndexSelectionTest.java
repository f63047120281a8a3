package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexSelectionTest {
    private static final Path MODEL = Path.of("kernels/reference/pipeline.safetensors");

    @TempDir
    Path folder;

    private Path photos;
    private Path index;

    @BeforeEach
    void photographs() throws IOException {
        photos = Files.createDirectory(folder.resolve("photos"));
        index = folder.resolve("out/index.html");
        Pictures.png(photos.resolve("a.png"), 120, 90);
        Files.createDirectory(photos.resolve("sub"));
        Pictures.jpeg(photos.resolve("sub/b.jpg"), 75, 101);
    }

    private CommandLineRun segment(Object... arguments) {
        List<Object> all = new ArrayList<>(
                List.of("segment", photos, "--out", folder.resolve("out"), "--size", 64, "--model", MODEL));
        all.addAll(Arrays.asList(arguments));
        return CommandLineRun.of(all.toArray());
    }

    private List<String> all(String pattern) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(index))
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    @Test
    void photographsThatAreSkippedAreOnTheSheetToo() throws IOException {
        for (String protocol : List.of("whole", "published")) {
            assertThat(segment("--protocol", protocol).exitCode()).isEqualTo(ExitCode.DONE);
            List<String> before = all("src=\"([^\"]+)");
            assertThat(all("data-name=\"([^\"]+\\.[^\"]+)")).containsExactly("a.png", "sub/b.jpg");
            assertThat(all("href=\"([^\"]+)")).containsExactly("./a.overlay.png", "./sub/b.overlay.png");
            Path added = Pictures.png(photos.resolve("c.png"), 64, 64);
            CommandLineRun again = segment("--protocol", protocol, "--skip-existing");
            assertThat(again.err()).isEmpty();
            assertThat(again.out()).contains("2 skipped");
            assertThat(all("data-name=\"([^\"]+\\.[^\"]+)")).containsExactly("a.png", "sub/b.jpg", "c.png");
            assertThat(all("src=\"([^\"]+)"))
                    .startsWith(before.toArray(String[]::new))
                    .hasSize(6);
            Files.delete(added);
        }
    }

    @Test
    void thereIsNoneIfItIsNotWanted() {
        assertThat(segment("--no-index").exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(index).doesNotExist();
    }

    @Test
    void aPageOfSomebodyElseIsNotReplaced() throws IOException {
        Files.writeString(Files.createDirectories(index.getParent()).resolve("index.html"), "mine");
        CommandLineRun run = segment();
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("index.html");
        assertThat(index).hasContent("mine");
        assertThat(segment("--no-index").exitCode()).isEqualTo(ExitCode.DONE);
    }
}
