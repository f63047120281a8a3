package org.stegokernels.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InnerPathTest {
    @TempDir
    Path root;

    private Path folder;

    @BeforeEach
    void folder() throws IOException {
        folder = Files.createDirectory(root.resolve("out"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.png", "a/b/c.png", "..a", "a..", "./a", "...", "a b", "-", "a\\b"})
    void ordinaryNamesArePathsInTheFolder(String name) throws IOException {
        assertThat(InnerPath.isInner(name)).isTrue();
        assertThat(InnerPath.of(folder, name)).isEqualTo(folder.resolve(name));
        assertThat(InnerPath.of(root.resolve("none"), name))
                .isEqualTo(root.resolve("none").resolve(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "./", "..", "../a", "a/../../b", "a/..", "/etc/passwd", "/", "a\0b"})
    void namesThatLeadOutAreRefused(String name) {
        assertThat(InnerPath.isInner(name)).isFalse();
        assertThatThrownBy(() -> InnerPath.of(folder, name)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> InnerPath.of(root.resolve("none"), name)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b.png", "nullable.png", "COM.png", "com10.txt", "console", "./a", "lptx", "a.nul"})
    void ordinaryNamesAreSoOnWindows(String name) throws IOException {
        try (FileSystem windows = Jimfs.newFileSystem(Configuration.windows())) {
            assertThat(InnerPath.isInner(name, windows)).isTrue();
        }
    }

    /** Written to, they would be a device, a stream of another file, another file, or on another drive. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "nul",
                "NUL.png",
                "aux.tar.gz",
                "sub/con",
                "Com1.png",
                "lpt\u00b9",
                "CONIN$",
                "a.png:b",
                "a.",
                "a/b. ",
                "C:\\a.png",
                "C:a.png",
                "\\a.png",
                "a\\..\\..\\b",
                "\\\\host\\share\\a"
            })
    void namesThatMeanSomethingElseOnWindowsAreRefusedThere(String name) throws IOException {
        try (FileSystem windows = Jimfs.newFileSystem(Configuration.windows())) {
            assertThat(InnerPath.isInner(name, windows)).isFalse();
        }
    }

    @Test
    void pathsThatTravelHaveSlashes() throws IOException {
        try (FileSystem windows = Jimfs.newFileSystem(Configuration.windows());
                FileSystem mac = Jimfs.newFileSystem(Configuration.osX())) {
            assertThat(InnerPath.slashed(windows.getPath("sub\\a.png"))).isEqualTo("sub/a.png");
            assertThat(InnerPath.slashed(mac.getPath("sub/a\\b.png"))).isEqualTo("sub/a\\b.png");
        }
    }

    @Test
    void aLinkOnTheWayOutIsRefused() throws IOException {
        Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
        Files.createSymbolicLink(folder.resolve("link"), elsewhere);
        assertThatThrownBy(() -> InnerPath.of(folder, "link/a.png"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("link/a.png")
                .hasMessageContaining("leads out of the folder " + folder);
        assertThatThrownBy(() -> InnerPath.of(folder, "link/new/a.png")).isInstanceOf(IOException.class);
    }

    @Test
    void aFolderThatIsItselfGivenAsALinkIsFine() throws IOException {
        Path link = Files.createSymbolicLink(root.resolve("link"), folder);
        Files.createDirectory(folder.resolve("sub"));
        assertThat(InnerPath.of(link, "sub/a.png")).isEqualTo(link.resolve("sub/a.png"));
    }
}
