package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.cli.Inputs.Photograph;

class OutputsTest {
    private static final List<String> SUFFIXES = List.of(".png", ".overlay.png");

    private static List<String> plan(String... filesAndNames) {
        List<Photograph> photographs = Stream.of(filesAndNames)
                .map(pair -> pair.split(" as "))
                .map(pair -> new Photograph(Path.of(pair[0]), Path.of(pair[1])))
                .toList();
        return Outputs.plan(photographs, Path.of("out"), any -> SUFFIXES).stream()
                .map(Path::toString)
                .toList();
    }

    @Test
    void foldersAreMirrored() {
        assertThat(plan("in/a.jpg as a", "in/sub/a.jpg as sub/a")).containsExactly("out/a", "out/sub/a");
    }

    @Test
    void equalNamesAreNumbered() {
        assertThat(plan("x/a.jpg as a", "y/a.jpg as a", "y/A.png as A", "z/a-2.jpg as a-2"))
                .containsExactly("out/a", "out/a-2", "out/A-3", "out/a-2-2");
    }

    /** "é" as one letter, and as a letter and its accent: one file on macOS. */
    @Test
    void namesThatDifferInTheirEncodingAloneAreNumbered() {
        assertThat(plan("x/e.jpg as \u00e9", "y/e.jpg as e\u0301")).containsExactly("out/\u00e9", "out/e\u0301-2");
    }

    @Test
    void anOverlayAndALabelMapDoNotMeet() {
        assertThat(plan("a.jpg as a", "a.overlay.jpg as a.overlay")).containsExactly("out/a", "out/a.overlay-2");
    }

    private static void assertRefused(Path photograph, Path folder) {
        List<Photograph> photographs = List.of(new Photograph(photograph, Path.of("a")));
        assertThatThrownBy(() -> Outputs.plan(photographs, folder, any -> SUFFIXES))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "a result would overwrite the photograph " + photograph + ": choose another folder for --out");
    }

    @Test
    void aPhotographIsNeverOverwrittenUnderWhateverName(@TempDir Path folder) throws IOException {
        Path photos = Files.createDirectory(folder.resolve("photos"));
        Path photo = Files.writeString(photos.resolve("a.png"), "x");
        Path link = Files.createSymbolicLink(folder.resolve("link"), photos);
        assertRefused(photo, photos);
        assertRefused(photos.resolve("../photos/./a.png"), photos);
        assertRefused(photo, photos.resolve("..").resolve("photos"));
        assertRefused(photo, link);
        assertRefused(link.resolve("a.png"), photos);
        Path linked = Files.createDirectory(folder.resolve("linked"));
        Files.createLink(linked.resolve("a.png"), photo);
        assertRefused(photo, linked);
        assertThat(Outputs.plan(List.of(new Photograph(photo, Path.of("b"))), photos, any -> SUFFIXES))
                .containsExactly(photos.resolve("b"));
    }

    @Test
    void aFolderIsMadeAndLeftEmpty(@TempDir Path folder) throws IOException {
        Path deep = folder.resolve("a/b");
        Outputs.prepare(deep);
        assertThat(deep).isEmptyDirectory();
    }

    @Test
    void aFileInTheWayIsNamed(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> Outputs.prepare(file.resolve("below")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("--out")
                .hasMessageContaining("file");
    }
}
