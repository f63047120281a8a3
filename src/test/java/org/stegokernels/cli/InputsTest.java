package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputsTest {
    @TempDir
    Path folder;

    @BeforeEach
    void someFiles() throws IOException {
        for (String name : List.of("b.JPG", "a.png", "notes.txt", ".hidden.jpg", "sub/c.webp", "sub/deep/d.tiff")) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        }
    }

    private Inputs inputs(String... below) throws IOException {
        List<String> arguments = List.of(below).stream()
                .map(argument -> folder.resolve("x").toString().replaceAll("x$", "") + argument)
                .toList();
        return Inputs.of(arguments, folder.resolve("out"));
    }

    private static List<String> names(Inputs inputs) {
        return inputs.photographs().stream()
                .map(photograph -> photograph.name().toString())
                .toList();
    }

    @Test
    void aFolderIsSearchedInOrderAndItsStructureKept() throws IOException {
        Inputs inputs = inputs("");
        assertThat(names(inputs)).containsExactly("a", "b", "sub/c", "sub/deep/d");
        assertThat(inputs.photographs().get(1).file()).isEqualTo(folder.resolve("b.JPG"));
        assertThat(inputs.failures()).isEmpty();
    }

    @Test
    void resultsOfAnEarlierRunAreNotPhotographs() throws IOException {
        Files.createDirectories(folder.resolve("out"));
        Files.createFile(folder.resolve("out/a.png"));
        assertThat(names(inputs(""))).containsExactly("a", "b", "sub/c", "sub/deep/d");
    }

    @Test
    void twoStarsStandForAnyNumberOfFolders() throws IOException {
        assertThat(names(inputs("**/*.{png,webp,tiff}"))).containsExactly("a", "sub/c", "sub/deep/d");
        assertThat(names(inputs("**"))).containsExactly("a", "b", "sub/c", "sub/deep/d");
        assertThat(names(inputs("sub/**/*.tiff"))).containsExactly("deep/d");
    }

    @Test
    void oneStarStaysInItsFolder() throws IOException {
        assertThat(names(inputs("*"))).containsExactly("a", "b");
        assertThat(names(inputs("?.JPG"))).containsExactly("b");
    }

    @Test
    void aFileWithGlobCharactersInItsNameIsAFile() throws IOException {
        Files.createFile(folder.resolve("a[1].png"));
        assertThat(names(inputs("a[1].png"))).containsExactly("a[1]");
    }

    @Test
    void theSameFileTwiceIsOnePhotograph() throws IOException {
        assertThat(names(inputs("a.png", "*.png", "sub/../a.png"))).containsExactly("a");
    }

    @Test
    void aNamedFileNeedsNoKnownEnding() throws IOException {
        assertThat(names(inputs("notes.txt"))).containsExactly("notes.txt");
    }

    @Test
    void anEmptyNameIsNotTheCurrentFolder() throws IOException {
        Inputs inputs = Inputs.of(List.of(""), folder.resolve("out"));
        assertThat(inputs.photographs()).isEmpty();
        assertThat(inputs.failures()).hasSize(1);
    }

    @Test
    void whatStandsForNothingIsAFailure() throws IOException {
        Files.createDirectories(folder.resolve("empty"));
        Inputs inputs = inputs("missing.jpg", "empty", "nowhere/*.jpg", "*.gif", "a.png");
        assertThat(names(inputs)).containsExactly("a");
        assertThat(inputs.failures())
                .extracting(Inputs.Failure::reason)
                .satisfiesExactly(
                        reason -> assertThat(reason).contains("no such file"),
                        reason -> assertThat(reason).contains("no photographs").contains("JPEG"),
                        reason -> assertThat(reason).contains("no folder"),
                        reason -> assertThat(reason).contains("no photographs"));
    }
}
