package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageFolderTest {
    @TempDir
    Path folder;

    @BeforeEach
    void image() throws IOException {
        Files.createFile(folder.resolve("a.jpg"));
    }

    private ImageFolder find(Path skipped) throws IOException {
        return ImageFolder.find(folder, skipped, file -> true);
    }

    @Test
    void aFolderThatMayNotBeReadIsLeftOutWithAReason() throws IOException {
        assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"), "no POSIX permissions here");
        Path secret = Files.createDirectory(folder.resolve("secret"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        try {
            assumeTrue(!Files.isReadable(secret), "this user (root?) may read everything");
            assertThat(find(null).files()).containsExactly(Path.of("a.jpg"));
            assertThat(find(null).leftOut()).singleElement().satisfies(each -> {
                assertThat(each.path()).isEqualTo(secret);
                assertThat(each.reason()).startsWith(secret + ": may not be read");
            });
        } finally {
            Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void aLinkToAFolderAboveIsNoFailure() throws IOException {
        Files.createSymbolicLink(folder.resolve("up"), folder);
        assertThat(find(null).files()).containsExactly(Path.of("a.jpg"));
        assertThat(find(null).leftOut()).isEmpty();
    }

    @Test
    void theSkippedFolderIsKnownUnderWhateverName() throws IOException {
        Path results = Files.createDirectory(folder.resolve("results"));
        Files.createFile(results.resolve("a.png"));
        Path link = Files.createSymbolicLink(folder.resolveSibling(folder.getFileName() + "-link"), folder);
        try {
            for (Path name : new Path[] {results, link.resolve("results"), results.resolve("../results/.")}) {
                assertThat(find(name).files()).containsExactly(Path.of("a.jpg"));
            }
            assertThat(find(null).files()).hasSize(2);
        } finally {
            Files.delete(link);
        }
    }

    @ParameterizedTest
    @CsvSource({"a.heic,HEIC", "a.dng,camera raw", "a.jp2,JPEG 2000", "a.jxl,JPEG XL", "a.pdf,PDF", "a.svg,SVG"})
    void anUnreadFormatIsCalledByItsNameWhereTheFileIsNamedAlone(String name, String title) throws IOException {
        byte[] tiff = "II*\0and a thumbnail".getBytes(StandardCharsets.ISO_8859_1);
        Path file = Files.write(folder.resolve(name), name.endsWith("dng") ? tiff : "something".getBytes());
        assertThatThrownBy(() -> ImageReader.read(file))
                .isInstanceOf(ImageException.class)
                .hasMessage(file + ": is a " + title + " file, which can't be read; convert it to JPEG or PNG");
    }

    @ParameterizedTest
    @CsvSource({"....ftypavif,AVIF", "....ftypheic,HEIC", "8BPS\u0000\u0001,Photoshop", "%PDF-1.7,PDF"})
    void anUnreadFormatIsKnownByItsFirstBytesWhateverItsName(String start, String title) throws IOException {
        Path file = Files.writeString(folder.resolve("b.jpg"), start + "0123456789", StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> ImageReader.read(file)).hasMessageContaining("is a " + title + " file");
    }
}
