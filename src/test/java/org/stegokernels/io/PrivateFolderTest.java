package org.stegokernels.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.io.UserCache.PrivateFolder;

class PrivateFolderTest {
    @TempDir
    Path folder;

    @BeforeEach
    void needsModes() {
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("unix"), "no modes of POSIX");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private Path shared(int mode) throws IOException {
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Files.setAttribute(shared, "unix:mode", mode);
        return shared;
    }

    @Test
    void onlyItsOwnerMayEnter() throws IOException {
        Path made = PrivateFolder.create(folder.resolve("a").resolve("b"));
        assertThat(mode(made)).isEqualTo("rwx------");
        assertThat(made).isEmptyDirectory().hasParentRaw(folder.toRealPath().resolve("a/b"));
    }

    @Test
    void belowAFolderThatOthersCanWriteToThereIsNone() throws IOException {
        Path shared = shared(0777);
        Files.createDirectory(shared.resolve("own"));
        for (Path parent : new Path[] {shared, shared.resolve("own")}) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> PrivateFolder.create(parent))
                    .withMessageContaining("others can write to the folder " + shared.toRealPath());
        }
        assertThat(shared.resolve("own")).isEmptyDirectory();
    }

    @Test
    void aLinkIsJudgedByWhatItLeadsTo() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), shared(0777));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> PrivateFolder.create(link))
                .withMessageContaining("others can write");
    }

    /** As {@code /tmp} is. */
    @Test
    void whereNobodyCanReplaceWhatIsAnothersItIsSafe() throws IOException {
        assertThat(PrivateFolder.create(shared(01777))).isEmptyDirectory();
    }

    @Test
    void aUserFindsTheSameFolderAgain() throws IOException {
        Path shared = shared(01777);
        Path first = PrivateFolder.ofUser(shared, "stego");
        assertThat(mode(first)).isEqualTo("rwx------");
        assertThat(PrivateFolder.ofUser(shared, "stego")).isEqualTo(first);
        assertThat(shared).isDirectoryContaining(first::equals);
        Files.setPosixFilePermissions(first, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> PrivateFolder.ofUser(shared, "stego"));
        Files.delete(first);
        Files.createSymbolicLink(first, folder);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> PrivateFolder.ofUser(shared, "stego"));
    }
}
